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

TEST(FuzzOnnx, LoadingAndRunningNeverCrash) {
  const std::vector<std::string> seeds = Seeds();
  if (seeds.empty()) {
    GTEST_SKIP() << "libonnx-testdata is not installed";
  }
  const testing::FuzzCounts counts = testing::Fuzz(seeds, [](const std::string& bytes) {
    const absl::StatusOr<std::shared_ptr<Model>> model = LoadModel(BytesInMemory(bytes));
    if (model.ok()) {
      RunLoaded(*model);
    }
    return model.ok();
  });
  EXPECT_GT(counts.tried, 0);
}

}  // namespace
}  // namespace dnnd::engine
