// Every case of ONNX's own backend tests, as Debian's libonnx-testdata has them: by the reference
// kernels, by a real plan, and once more after a way through a file of our own writing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/dnnbench/data_set.h"
#include "engine/dnnbench/runner.h"
#include "engine/onnx/export.h"
#include "engine/onnx/import.h"
#include "engine/ops/interpret.h"
#include "engine/passes/check_supported.h"
#include "engine/passes/specialize.h"
#include "tests/conformance/refusals.h"
#include "tests/conformance/scoreboard.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

namespace fs = std::filesystem;

// How many cases pass at least: an operator that is lost by mistake is not "not supported".
constexpr int kLeastPassed = 813;

constexpr int kThreads = 2;

std::string DataFolder() {
  const char* folder = std::getenv("DNND_ONNX_TESTDATA");
  return folder != nullptr ? folder : "/usr/share/libonnx-testdata/data";
}

// "node/test_relu", …  Empty where the package is not installed.
std::vector<std::string> FindCases() {
  std::vector<std::string> cases;
  for (const char* kind : {"node", "simple", "pytorch-converted", "pytorch-operator"}) {
    std::error_code error;
    for (fs::directory_iterator entry(fs::path(DataFolder()) / kind, error), end;
         !error && entry != end; entry.increment(error)) {
      cases.push_back(std::string(kind) + "/" + entry->path().filename().string());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

// Test data of ONNX 1.12 hold bfloat16 as uint16, since numpy has no such type.
Tensor AsDeclared(const Tensor& tensor, DataType declared) {
  if (tensor.type() != DataType::kUint16 || declared != DataType::kBFloat16) {
    return tensor;
  }
  Tensor bits = Tensor::Create(declared, tensor.shape()).value();
  std::copy_n(tensor.data<uint16_t>(), tensor.num_elements(), bits.mutable_data<uint16_t>());
  return bits;
}

absl::StatusOr<DataSet> ReadDeclared(const std::string& folder, const Graph& graph) {
  DNND_ASSIGN_OR_RETURN(DataSet data, ReadDataSet(folder));
  for (size_t i = 0; i < std::min(data.inputs.size(), graph.inputs.size()); ++i) {
    data.inputs[i] = AsDeclared(data.inputs[i], graph.value(graph.inputs[i]).type);
  }
  for (size_t i = 0; i < std::min(data.outputs.size(), graph.outputs.size()); ++i) {
    data.outputs[i] = AsDeclared(data.outputs[i], graph.value(graph.outputs[i]).type);
  }
  return data;
}

// `graph` with the inputs from `first` on as constants. Many cases pass what decides a shape (axes,
// sizes) as an input, where a plan must know it.
Graph Freeze(Graph graph, std::vector<Tensor>& inputs, size_t first) {
  for (size_t i = first; i < inputs.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    value.shape = inputs[i].shape();
    value.constant = Constant(inputs[i]);
  }
  graph.inputs.resize(std::min(graph.inputs.size(), first));
  inputs.resize(std::min(inputs.size(), first));
  return graph;
}

absl::StatusOr<std::vector<Tensor>> RunPlanOf(Graph graph, const std::vector<Tensor>& inputs) {
  Model::Options options;
  options.precision = Precision::kExact;
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<Model> model, Model::Create(std::move(graph), options));
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<Runner> runner,
                        Runner::Create(std::move(model), kThreads));
  return runner->Run(inputs);
}

absl::StatusOr<std::vector<Tensor>> RunPlan(const Graph& graph, const std::vector<Tensor>& inputs) {
  absl::StatusOr<std::vector<Tensor>> outputs = RunPlanOf(graph, inputs);
  for (const size_t first : {size_t{1}, size_t{0}}) {
    if (!absl::IsUnimplemented(outputs.status())) {
      break;
    }
    std::vector<Tensor> open = inputs;
    Graph frozen = Freeze(graph, open, first);
    outputs = RunPlanOf(std::move(frozen), open);
  }
  return outputs;
}

// Through a file of our own writing and back.
absl::StatusOr<std::vector<Tensor>> RunExported(const Graph& graph,
                                                const std::vector<Tensor>& inputs) {
  const testing::TempDir folder;
  const std::string path = folder.path() + "/model.onnx";
  DNND_RETURN_IF_ERROR(ExportModel(graph, path));
  DNND_ASSIGN_OR_RETURN(const Graph read, ImportModelFile(path));
  return Interpret(read, inputs);
}

// UNIMPLEMENTED where `outputs` are, INVALID_ARGUMENT where they are wrong.
absl::Status Check(const absl::StatusOr<std::vector<Tensor>>& outputs, const DataSet& data) {
  if (!outputs.ok()) {
    return outputs.status();
  }
  DNND_ASSIGN_OR_RETURN(const Comparison worst,
                        CompareOutputs(*outputs, data.outputs, Tolerance()));
  if (worst.outside > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(worst.outside, " elements are wrong, by up to ", worst.max_absolute));
  }
  return absl::OkStatus();
}

absl::Status RunCase(const std::string& folder, const Graph& graph) {
  const std::vector<std::string> data_sets = FindDataSets(folder);
  if (data_sets.empty()) {
    return absl::NotFoundError("no test_data_set_*");
  }
  for (const std::string& data_set : data_sets) {
    DNND_ASSIGN_OR_RETURN(const DataSet data, ReadDeclared(data_set, graph));
    DNND_RETURN_IF_ERROR(Annotate(Check(Interpret(graph, data.inputs), data), "interpreted"));
    DNND_RETURN_IF_ERROR(Annotate(Check(RunPlan(graph, data.inputs), data), "planned"));
    const absl::Status exported = Check(RunExported(graph, data.inputs), data);
    if (!absl::IsUnimplemented(exported)) {  // a form that is newer than the opset of our files
      DNND_RETURN_IF_ERROR(Annotate(exported, "exported"));
    }
  }
  return absl::OkStatus();
}

std::set<std::string> Operators(const absl::StatusOr<Graph>& graph) {
  std::set<std::string> operators;
  for (size_t i = 0; graph.ok() && i < graph->nodes.size(); ++i) {
    operators.insert(graph->nodes[i].op);
  }
  return operators;
}

class Conformance : public ::testing::TestWithParam<std::string> {};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conformance);

TEST_P(Conformance, GivesTheWantedOutputs) {
  const std::string folder = DataFolder() + "/" + GetParam();
  const absl::StatusOr<Graph> graph = ImportModelFile(folder + "/model.onnx");
  const absl::Status supported = graph.ok() ? CheckSupported(*graph) : graph.status();
  const absl::Status status = supported.ok() ? RunCase(folder, *graph) : supported;
  const ExpectedRefusal* expected = FindExpectedRefusal(GetParam());
  const bool refused =
      expected != nullptr ? status.code() == expected->code : absl::IsUnimplemented(supported);
  Scoreboard::Get().Record(Operators(graph), refused       ? CaseResult::kNotSupported
                                             : status.ok() ? CaseResult::kPassed
                                                           : CaseResult::kFailed);
  if (refused) {
    GTEST_SKIP() << (expected == nullptr ? std::string(status.message())
                                         : std::string(expected->reason));
  }
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(!status.ok() || expected == nullptr)
      << "passes, but is expected to be refused: " << std::string(expected->reason);
}

INSTANTIATE_TEST_SUITE_P(All, Conformance, ::testing::ValuesIn(FindCases()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

class PrintScoreboard : public ::testing::Environment {
 public:
  void TearDown() override {
    const Scoreboard& scoreboard = Scoreboard::Get();
    std::cout << scoreboard.Print();
    const int run = scoreboard.count(CaseResult::kPassed) + scoreboard.count(CaseResult::kFailed) +
                    scoreboard.count(CaseResult::kNotSupported);
    const bool all = run > 0 && run == static_cast<int>(FindCases().size());
    EXPECT_TRUE(!all || scoreboard.count(CaseResult::kPassed) >= kLeastPassed)
        << "fewer cases passed than once did: " << kLeastPassed;
  }
};

const ::testing::Environment* const kPrintScoreboard =
    ::testing::AddGlobalTestEnvironment(new PrintScoreboard);

TEST(ConformanceData, IsInstalled) {
  if (FindCases().empty()) {
    GTEST_SKIP() << "libonnx-testdata is not installed";
  }
}

}  // namespace
}  // namespace dnnd::engine
