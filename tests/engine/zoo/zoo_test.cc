#include "engine/zoo/zoo.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/onnx/export.h"
#include "engine/onnx/import.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

struct Counted {
  const char* name;
  int64_t parameters;
};

class ZooModelTest : public ::testing::TestWithParam<Counted> {};

// torchvision 0.14: sum(p.numel() for p in model.parameters()); U-Net: milesial/Pytorch-UNet.
TEST_P(ZooModelTest, HasAsManyParametersAsItsOriginal) {
  const absl::StatusOr<Graph> graph = BuildZooModel(GetParam().name, ZooOptions());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(CountParameters(*graph), GetParam().parameters);
  EXPECT_THAT(VerifyGraph(*graph), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    All, ZooModelTest,
    ::testing::Values(Counted{"mlp", 785 * 512 + 513 * 256 + 257 * 10},
                      Counted{"alexnet", 61'100'840}, Counted{"vgg16", 138'357'544},
                      Counted{"resnet18", 11'689'512}, Counted{"resnet50", 25'557'032},
                      Counted{"mobilenetv2", 3'504'872}, Counted{"unet", 31'037'698}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Zoo, WeightsDependOnTheSeedAlone) {
  const auto first_weight = [](uint64_t seed) {
    ZooOptions options;
    options.seed = seed;
    const Graph graph = *BuildZooModel("mlp", options);
    return graph.value(graph.nodes[0].inputs[1]).constant->in_memory()->data<float>()[0];
  };
  EXPECT_EQ(first_weight(1), first_weight(1));
  EXPECT_NE(first_weight(1), first_weight(2));
}

TEST(Zoo, TheNumberOfClassesCanBeChosen) {
  ZooOptions options;
  options.num_classes = 7;
  const absl::StatusOr<Graph> graph = BuildZooModel("resnet18", options);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(ToString(*graph->value(graph->outputs[0]).declared), "[N,7]");
  options.num_classes = -1;
  EXPECT_THAT(BuildZooModel("resnet18", options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1")));
}

TEST(Zoo, AModelThatIsNotThereIsRefusedWithTheListOfThoseThatAre) {
  EXPECT_THAT(BuildZooModel("resnet51", ZooOptions()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("resnet50, mobilenetv2")));
}

TEST(Zoo, AModelSurvivesTheWayThroughAFile) {
  const testing::TempDir folder;
  const absl::StatusOr<Graph> built = BuildZooModel("mobilenetv2", ZooOptions());
  ASSERT_THAT(built, IsOk());
  const std::string path = folder.path() + "/model.onnx";
  ASSERT_THAT(ExportModel(*built, path), IsOk());
  const absl::StatusOr<Graph> read = ImportModelFile(path);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(Dump(*read), Dump(*built));
  EXPECT_EQ(CountParameters(*read), CountParameters(*built));
}

}  // namespace
}  // namespace dnnd::engine
