// Hostile ONNX bytes: whatever comes, loading a model returns a status, and one that loads runs.
// Under the sanitizers too.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "engine/dnnbench/runner.h"
#include "engine/dnnbench/workload.h"
#include "engine/engine.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/fuzz/fuzz_loop.h"

namespace dnnd::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kSeedFolder[] = "/usr/share/libonnx-testdata/data/node";
constexpr int64_t kLargestSeed = 4096;

// The small models of ONNX's own tests: every operator, in a few hundred bytes.
std::vector<std::string> Seeds() {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(kSeedFolder, error), end; !error && entry != end;
       entry.increment(error)) {
    paths.push_back(entry->path() / "model.onnx");
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (!bytes.empty() && static_cast<int64_t>(bytes.size()) <= kLargestSeed) {
      seeds.push_back(std::move(bytes));
    }
  }
  return seeds;
}

// Graphs inside each other, whose conditions data and shapes decide: ONNX's own models hold one of
// a single level.
std::string NestedBranches() {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, 2});
  AddInitializer(model, FloatTensor("limit", {}, {0}));
  NodeWriter(model, "ReduceSum", {"x"}, {"sum"}).Int("keepdims", 0);
  NodeWriter(model, "Greater", {"sum", "limit"}, {"positive"});
  onnx::GraphProto scaled;
  *scaled.add_initializer() = FloatTensor("w", {2}, {10, 100});
  NodeWriter(scaled, "Mul", {"x", "w"}, {"scaled"});
  AddOutput(scaled, "scaled");
  onnx::GraphProto same;
  AddOutput(same, "x");
  onnx::GraphProto nested;
  NodeWriter(nested, "Size", {"x"}, {"numel"});
  NodeWriter(nested, "Cast", {"numel"}, {"some"}).Int("to", onnx::TensorProto::BOOL);
  NodeWriter(nested, "If", {"some"}, {"inner"})
      .Subgraph("then_branch", scaled)
      .Subgraph("else_branch", same);
  NodeWriter(nested, "Sub", {"inner", "sum"}, {"outer"});
  AddOutput(nested, "outer");
  NodeWriter(model, "If", {"positive"}, {"y"})
      .Subgraph("then_branch", nested)
      .Subgraph("else_branch", scaled);
  SetInfo(*model.mutable_graph()->add_output(), "y", {-1, 2});
  return model.SerializeAsString();
}

// What is carried grows until data say that it is enough; what is stacked has extents of its own.
std::string GrowingLoop() {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, 2});
  AddInitializer(model, FloatTensor("limit", {}, {20}));
  onnx::TensorProto trips;
  trips.set_name("trips");
  trips.set_data_type(onnx::TensorProto::INT64);
  trips.add_int64_data(5);
  AddInitializer(model, trips);
  onnx::GraphProto body;
  for (const char* name : {"trip", "before", "carried"}) {
    body.add_input()->set_name(name);
  }
  NodeWriter(body, "Concat", {"carried", "x"}, {"grown"}).Int("axis", 0);
  NodeWriter(body, "ReduceSum", {"grown"}, {"sum"}).Int("keepdims", 0);
  NodeWriter(body, "Less", {"sum", "limit"}, {"goes_on"});
  for (const char* name : {"goes_on", "grown", "sum"}) {
    AddOutput(body, name);
  }
  NodeWriter(model, "Loop", {"trips", "", "x"}, {"y", "sums"}).Subgraph("body", body);
  SetInfo(*model.mutable_graph()->add_output(), "y", {-1, 2});
  SetInfo(*model.mutable_graph()->add_output(), "sums", {-1});
  return model.SerializeAsString();
}

// A plan that is too large for this test is compiled, and not run.
constexpr int64_t kMostBytes = int64_t{16} << 20;
constexpr int64_t kMostOperations = 100'000'000;

// Compiles and runs a model that was loaded, on inputs of its own shapes.
void RunLoaded(const std::shared_ptr<Model>& model) {
  const auto runner = Runner::Create(model, /*threads=*/1);
  if (!runner.ok()) {
    return;
  }
  const auto executable = model->Prepare(PlanKey{model->RowShapes(), /*threads=*/1});
  if (!executable.ok()) {
    return;
  }
  const Plan& plan = *(*executable)->plan();
  Cost cost;
  for (const PlanStep& step : plan.steps) {
    cost += step.cost;
  }
  if (plan.arena_bytes > kMostBytes || plan.scratchpad_bytes > kMostBytes ||
      cost.operations() > kMostOperations) {
    return;
  }
  const auto instance = (*runner)->Instance(model->RowShapes());
  if (instance.ok()) {
    FillInputs(**instance);
    (*instance)->Run().IgnoreError();
  }
}

bool LoadAndRun(const std::string& bytes) {
  const absl::StatusOr<std::shared_ptr<Model>> model = LoadModel(BytesInMemory(bytes));
  if (model.ok()) {
    RunLoaded(*model);
  }
  return model.ok();
}

TEST(FuzzOnnx, LoadingAndRunningNeverCrash) {
  const std::vector<std::string> seeds = Seeds();
  if (seeds.empty()) {
    GTEST_SKIP() << "libonnx-testdata is not installed";
  }
  const testing::FuzzCounts counts = testing::Fuzz(seeds, LoadAndRun);
  EXPECT_GT(counts.tried, 0);
}

TEST(FuzzOnnx, BranchesAndLoopsNeverCrash) {
  for (const std::string& seed : {NestedBranches(), GrowingLoop()}) {
    EXPECT_TRUE(LoadAndRun(seed));
    const testing::FuzzCounts counts = testing::Fuzz({seed}, LoadAndRun);
    EXPECT_GT(counts.accepted, 0);
    EXPECT_LT(counts.accepted, counts.tried);
  }
}

}  // namespace
}  // namespace dnnd::engine
