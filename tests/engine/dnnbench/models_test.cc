// Whole networks: those of the test data give the recorded answers, those of the zoo sane ones.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/dnnbench/data_set.h"
#include "engine/dnnbench/runner.h"
#include "engine/dnnbench/workload.h"
#include "engine/engine.h"
#include "engine/zoo/zoo.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;

constexpr int kThreads = 2;

struct Recorded {
  const char* name;
  Tolerance tolerance;
  int64_t max_batch = kUnlimitedBatch;  // 1: the file says so
};

// Sums in another order than the recording engine's; the outputs of the style networks reach 255.
constexpr Tolerance kFloat32 = {1e-7, 1e-3, 1e-4};
// float16 outputs have three digits.
constexpr Tolerance kFloat16 = {1e-7, 1e-2, 1e-2};

class RecordedModel : public ::testing::TestWithParam<Recorded> {};

TEST_P(RecordedModel, GivesTheRecordedAnswers) {
  const char* data = std::getenv("DNND_TEST_DATA");
  if (data == nullptr) {
    GTEST_SKIP() << "DNND_TEST_DATA is not set";
  }
  const std::string folder = std::string(data) + "/models/" + GetParam().name;
  const absl::StatusOr<std::shared_ptr<Model>> model = LoadModelFile(folder + "/model.onnx");
  ASSERT_THAT(model, IsOk());
  EXPECT_TRUE((*model)->signature().batchable);
  EXPECT_EQ((*model)->signature().max_batch, GetParam().max_batch);
  const auto runner = Runner::Create(*model, kThreads);
  ASSERT_THAT(runner, IsOk());
  const std::vector<std::string> data_sets = FindDataSets(folder);
  ASSERT_FALSE(data_sets.empty());
  for (const std::string& data_set : data_sets) {
    const absl::StatusOr<DataSet> recorded = ReadDataSet(data_set);
    ASSERT_THAT(recorded, IsOk());
    const auto outputs = (*runner)->Run(recorded->inputs);
    ASSERT_THAT(outputs, IsOk());
    const auto worst = CompareOutputs(*outputs, recorded->outputs, GetParam().tolerance);
    ASSERT_THAT(worst, IsOk());
    EXPECT_EQ(worst->outside, 0) << "by up to " << worst->max_of_range << " of the range";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RecordedModel,
    ::testing::Values(
        Recorded{"squeezenet_fp32", kFloat32}, Recorded{"squeezenet_fp16", kFloat16, 1},
        Recorded{"squeezenet_embed512", kFloat32}, Recorded{"mnist_lenet", kFloat32},
        Recorded{"mnist_vae", kFloat32}, Recorded{"mnist_vae_decoder", kFloat32},
        Recorded{"cifar10_pytorch_tutorial", kFloat32}, Recorded{"resnet20_cifar10", kFloat32},
        Recorded{"resnet56_cifar10", kFloat32}, Recorded{"super_resolution", kFloat32},
        Recorded{"fns_candy_op13", kFloat32}, Recorded{"fns_mosaic_op13", kFloat32},
        Recorded{"person_reid_0248", kFloat32, 1}, Recorded{"yunet_n_320_320", kFloat32, 1},
        Recorded{"yunet_n_dynamic", kFloat32}, Recorded{"nanodet_m_320", kFloat32, 1},
        Recorded{"yolox_nano", kFloat32, 1}, Recorded{"ultraface_slim_320_raw", kFloat32, 1},
        Recorded{"deeplabv3_mnv2_dm05_257", kFloat32, 1},
        Recorded{"road_segmentation_adas_0001", kFloat32, 1},
        Recorded{"babyllama_tok105", kFloat32}),
    [](const auto& info) { return std::string(info.param.name); });

class ZooModelRuns : public ::testing::TestWithParam<const char*> {};

// The weights of the zoo keep activations at their scale through every layer: outputs neither
// vanish nor blow up, and differ from each other.
TEST_P(ZooModelRuns, AndItsOutputsAreSane) {
  absl::StatusOr<Graph> graph = BuildZooModel(GetParam(), ZooOptions());
  ASSERT_THAT(graph, IsOk());
  const auto model = Model::Create(*std::move(graph), {});
  ASSERT_THAT(model, IsOk());
  EXPECT_EQ((*model)->signature().max_batch, kUnlimitedBatch);
  const auto runner = Runner::Create(*model, kThreads);
  ASSERT_THAT(runner, IsOk());
  const auto instance = (*runner)->Instance((*model)->RowShapes());
  ASSERT_THAT(instance, IsOk());
  FillInputs(**instance);
  ASSERT_THAT((*instance)->Run(), IsOk());
  const TensorView output = (*instance)->outputs()[0];
  double sum = 0;
  double squares = 0;
  for (int64_t i = 0; i < output.num_elements(); ++i) {
    const double value = output.data<float>()[i];
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
  }
  const double count = static_cast<double>(output.num_elements());
  const double deviation = std::sqrt(squares / count - (sum / count) * (sum / count));
  EXPECT_GT(deviation, 1e-2);
  EXPECT_LT(deviation, 1e3);
}

INSTANTIATE_TEST_SUITE_P(All, ZooModelRuns,
                         ::testing::Values("mlp", "alexnet", "resnet18", "resnet50", "mobilenetv2",
                                           "unet"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace dnnd::engine
