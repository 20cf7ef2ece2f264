// The contract of the command line: what other tools read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/dnnbench/data_set.h"
#include "engine/dnnbench/runner.h"
#include "engine/engine.h"
#include "engine/onnx/export.h"
#include "engine/onnx/tensor_file.h"
#include "engine/ops/interpret.h"
#include "engine/zoo/zoo.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ran {
  int exit_code = -1;
  std::string output;  // of both streams
};

Ran Dnnbench(const std::string& arguments) {
  const char* program = std::getenv("DNNBENCH");
  if (program == nullptr) {
    return {-1, "DNNBENCH is not set: run this through ctest"};
  }
  FILE* pipe = popen((std::string(program) + " " + arguments + " 2>&1").c_str(), "r");
  Ran ran;
  std::array<char, 4096> buffer;
  for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.output.append(buffer.data(), got);
  }
  ran.exit_code = WEXITSTATUS(pclose(pipe));
  return ran;
}

// A folder with the zoo's MLP and a data set that it passes.
class DnnbenchCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    const Graph graph = *BuildZooModel("mlp", ZooOptions());
    ASSERT_THAT(ExportModel(graph, model()), IsOk());
    std::vector<float> values(2 * 784);
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(i % 17) / 17;
    }
    const Tensor input = Tensor::Of<float>(Shape({2, 784}), values);
    const Tensor output = Interpret(graph, {input})->at(0);
    const std::string data = folder_.path() + "/test_data_set_0";
    std::filesystem::create_directory(data);
    ASSERT_THAT(WriteTensorFile(data + "/input_0.pb", "input", input.view()), IsOk());
    ASSERT_THAT(WriteTensorFile(data + "/output_0.pb", "logits", output.view()), IsOk());
  }
  std::string model() const { return folder_.path() + "/model.onnx"; }

  const testing::TempDir folder_;
};

TEST_F(DnnbenchCommand, VerifyFailsForAFolderThatIsNotThere) {
  const Ran ran = Dnnbench("verify " + folder_.path() + "/nowhere");
  EXPECT_EQ(ran.exit_code, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("/nowhere: got no such folder"));
}

TEST_F(DnnbenchCommand, ACommandThatIsNotThereIsNamed) {
  const Ran ran = Dnnbench("nosuch --model m.onnx");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.output, HasSubstr("there is no command \"nosuch\"; dnnbench --help lists them"));
  EXPECT_THAT(Dnnbench("").output, HasSubstr("A subcommand is required"));
  EXPECT_THAT(Dnnbench("--help").output, HasSubstr("Examples:\n  dnnbench speed"));
}

TEST_F(DnnbenchCommand, VerifyPassesRightAnswers) {
  const Ran ran = Dnnbench("verify --rtol 1e-3 --atol-range 1e-4 " + folder_.path());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, StartsWith("passed  " + folder_.path()));
  EXPECT_THAT(ran.output, EndsWith("1 passed, 0 failed, 0 skipped\n"));
}

TEST_F(DnnbenchCommand, VerifyFailsWrongAnswersAndMissingModelsAndSkipsFoldersWithoutData) {
  const Tensor wrong = Tensor::Of<float>(Shape({2, 10}), std::vector<float>(20, 7));
  ASSERT_THAT(WriteTensorFile(folder_.path() + "/test_data_set_0/output_0.pb", "", wrong.view()),
              IsOk());
  const testing::TempDir empty;
  const testing::TempDir no_model;
  std::filesystem::create_directory(no_model.path() + "/test_data_set_0");
  const Ran ran = Dnnbench("verify " + folder_.path() + " " + empty.path() + " " + no_model.path());
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.output, HasSubstr("20 elements outside of the tolerance"));
  EXPECT_THAT(ran.output, HasSubstr("skipped " + empty.path()));
  EXPECT_THAT(ran.output, HasSubstr("failed  " + no_model.path()));
  EXPECT_THAT(ran.output, HasSubstr("0 passed, 2 failed, 1 skipped\n"));
}

TEST_F(DnnbenchCommand, SpeedPrintsTheFiguresAsOneJsonObject) {
  const Ran ran = Dnnbench(
      "speed --json --seconds 0.05 --warmup 0 --batch 3 --threads 2 --lanes 2 --model " + model());
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const nlohmann::json report = nlohmann::json::parse(ran.output);
  EXPECT_EQ(report["batch"], 3);
  EXPECT_EQ(report["threads"], 2);
  EXPECT_EQ(report["lanes"], 2);
  EXPECT_EQ(report["precision"], "f32");
  EXPECT_GT(report["images_per_second"].get<double>(), 0);
  EXPECT_GT(report["p50_ms"].get<double>(), 0);
  EXPECT_GE(report["p99_ms"].get<double>(), report["p50_ms"].get<double>());
  EXPECT_GT(report["peak_rss_bytes"].get<int64_t>(), 1 << 20);
}

TEST_F(DnnbenchCommand, ExactIsOneRowARun) {
  const std::string exact =
      "speed --json --seconds 0 --warmup 0 --precision exact --model " + model();
  const Ran ran = Dnnbench(exact);
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(nlohmann::json::parse(ran.output)["precision"], "exact");
  EXPECT_EQ(Dnnbench(exact + " --batch 3").exit_code, 1);
}

TEST_F(DnnbenchCommand, SpeedTakesTheShapeOfAnInput) {
  const Ran ran =
      Dnnbench("speed --json --seconds 0 --warmup 0 --shape input:5,784 --model " + model());
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(nlohmann::json::parse(ran.output)["batch"], 5);
  EXPECT_EQ(Dnnbench("speed --shape input:5,783 --model " + model()).exit_code, 1);
  EXPECT_EQ(Dnnbench("speed --shape other:5,784 --model " + model()).exit_code, 1);
  EXPECT_EQ(Dnnbench("speed --shape nonsense --model " + model()).exit_code, 1);
}

TEST_F(DnnbenchCommand, ExplainAddsUpTheLayers) {
  const Ran ran = Dnnbench("explain --json --runs 1 --batch 2 --model " + model());
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const nlohmann::json report = nlohmann::json::parse(ran.output);
  int64_t multiply_accumulates = 0;
  for (const nlohmann::json& layer : report["layers"]) {
    multiply_accumulates += layer["multiply_accumulates"].get<int64_t>();
    EXPECT_FALSE(layer["implementation"].get<std::string>().empty());
  }
  EXPECT_EQ(multiply_accumulates, 2 * (784 * 512 + 512 * 256 + 256 * 10));
  EXPECT_EQ(report["total"]["multiply_accumulates"], multiply_accumulates);
  EXPECT_GT(report["memory"]["weight_bytes"], 4 * 784 * 512);
  EXPECT_THAT(Dnnbench("explain --runs 1 --model " + model()).output, HasSubstr("total:"));
}

TEST_F(DnnbenchCommand, ZooListsAndWrites) {
  EXPECT_THAT(Dnnbench("zoo --list").output, HasSubstr("resnet50"));
  const std::string path = folder_.path() + "/zoo.onnx";
  const Ran ran = Dnnbench("zoo mobilenetv2 --json --output " + path);
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(nlohmann::json::parse(ran.output)["parameters"], 3'504'872);
  EXPECT_THAT(LoadModelFile(path), IsOk());
}

TEST_F(DnnbenchCommand, ExitCodesTellUsageFromFailure) {
  EXPECT_EQ(Dnnbench("").exit_code, 2);
  EXPECT_EQ(Dnnbench("speed --nonsense").exit_code, 2);
  EXPECT_EQ(Dnnbench("speed --help").exit_code, 0);
  const Ran missing = Dnnbench("speed --model /nonexistent.onnx");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.output, HasSubstr("/nonexistent.onnx"));
  EXPECT_EQ(Dnnbench("zoo nothing --output " + folder_.path() + "/x.onnx").exit_code, 1);
}

}  // namespace
}  // namespace dnnd::engine
