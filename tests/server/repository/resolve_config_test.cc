#include "server/repository/resolve_config.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using engine::DataType;
using engine::Dim;
using engine::SymbolicShape;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SymbolicShape Shape(std::initializer_list<int64_t> extents) {
  SymbolicShape shape;
  for (int64_t extent : extents) {
    shape.push_back(extent < 0 ? Dim{-1, "N"} : Dim{extent, ""});
  }
  return shape;
}

ModelFacts Facts(SymbolicShape input, SymbolicShape output, DataType type = DataType::kFloat32) {
  ModelFacts facts;
  facts.signature.inputs = {{"x", type, std::move(input), 0}};
  facts.signature.outputs = {{"y", DataType::kFloat32, std::move(output), 0}};
  facts.signature.batchable = true;
  return facts;
}

v1::ModelConfig Given(const std::string& text) {
  v1::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

TEST(ResolveConfigTest, AnImageNetClassifierNeedsNoConfiguration) {
  const auto resolved = ResolveConfig({}, Facts(Shape({-1, 3, 224, 224}), Shape({-1, 1000})));
  ASSERT_THAT(resolved, IsOk());
  const v1::ModelConfig& config = resolved->config;
  EXPECT_EQ(config.task(), v1::ModelConfig::CLASSIFY);
  EXPECT_EQ(config.precision(), v1::ModelConfig::F32);
  EXPECT_EQ(config.score_activation(), v1::ModelConfig::SOFTMAX);
  EXPECT_EQ(config.preprocess().width(), 224);
  EXPECT_EQ(config.preprocess().height(), 224);
  EXPECT_EQ(config.preprocess().shorter_side(), 256);
  EXPECT_EQ(config.preprocess().resize(), v1::Preprocess::SHORTER_SIDE_CROP);
  EXPECT_EQ(config.preprocess().layout(), v1::Preprocess::NCHW);
  EXPECT_EQ(config.preprocess().color(), v1::Preprocess::RGB);
  EXPECT_FLOAT_EQ(config.preprocess().scale(), 1.0f / 255);
  EXPECT_THAT(config.preprocess().mean(), ElementsAre(0.485f, 0.456f, 0.406f));
  EXPECT_THAT(config.preprocess().std(), ElementsAre(0.229f, 0.224f, 0.225f));
  EXPECT_EQ(config.versions().latest().count(), 1);
  EXPECT_THAT(resolved->assumed, Contains(HasSubstr("task CLASSIFY")));
  EXPECT_THAT(resolved->assumed,
              Contains(AllOf(HasSubstr("ImageNet"), HasSubstr("preprocess of config.textproto"))));
}

TEST(ResolveConfigTest, WhatIsSaidStaysAndNothingIsAssumedOfIt) {
  ModelFacts facts = Facts(Shape({-1, 32, 24, 3}), Shape({-1, 10, 1, 1}));
  facts.ends_in_scores = true;
  const auto resolved = ResolveConfig(
      Given("task: CLASSIFY precision: EXACT preprocess { resize: STRETCH color: BGR scale: 1 "
            "mean: [104, 117, 123] } score_activation: SIGMOID"),
      facts);
  ASSERT_THAT(resolved, IsOk());
  const v1::Preprocess& p = resolved->config.preprocess();
  EXPECT_EQ(p.layout(), v1::Preprocess::NHWC);
  EXPECT_EQ(p.height(), 32);
  EXPECT_EQ(p.width(), 24);
  EXPECT_EQ(p.scale(), 1);
  EXPECT_THAT(p.mean(), ElementsAre(104, 117, 123));
  EXPECT_EQ(p.std_size(), 0);
  EXPECT_EQ(p.shorter_side(), 0);
  EXPECT_EQ(resolved->config.precision(), v1::ModelConfig::EXACT);
  EXPECT_EQ(resolved->config.score_activation(), v1::ModelConfig::SIGMOID);
  EXPECT_TRUE(resolved->assumed.empty());
}

TEST(ResolveConfigTest, MeansFollowTheModelsOwnOrderOfChannels) {
  const auto resolved = ResolveConfig(Given("preprocess { color: BGR }"),
                                      Facts(Shape({1, 3, 224, 224}), Shape({1, 1000})));
  ASSERT_THAT(resolved, IsOk());
  EXPECT_THAT(resolved->config.preprocess().mean(), ElementsAre(0.406f, 0.456f, 0.485f));
}

TEST(ResolveConfigTest, TheTaskIsTakenFromInputsAndOutputsWhereTheyAreUnambiguous) {
  struct Case {
    const char* name;
    SymbolicShape input;
    SymbolicShape output;
    v1::ModelConfig::Task task;
  };
  const Case cases[] = {
      {"digits", Shape({-1, 1, 28, 28}), Shape({-1, 10}), v1::ModelConfig::CLASSIFY},
      {"pooled scores", Shape({-1, 3, 64, 64}), Shape({-1, 10, 1, 1}), v1::ModelConfig::CLASSIFY},
      {"a picture comes out", Shape({-1, 3, 64, 64}), Shape({-1, 3, 64, 64}),
       v1::ModelConfig::TENSORS},
      {"one number", Shape({-1, 3, 64, 64}), Shape({-1, 1}), v1::ModelConfig::TENSORS},
      {"no picture goes in", Shape({-1, 20}), Shape({-1, 10}), v1::ModelConfig::TENSORS},
      {"many channels", Shape({-1, 8, 64, 64}), Shape({-1, 10}), v1::ModelConfig::TENSORS},
      {"any size", Shape({-1, 3, -1, -1}), Shape({-1, 10}), v1::ModelConfig::TENSORS},
  };
  for (const Case& c : cases) {
    const auto resolved = ResolveConfig({}, Facts(c.input, c.output));
    ASSERT_THAT(resolved, IsOk()) << c.name;
    EXPECT_EQ(resolved->config.task(), c.task) << c.name;
  }
  const auto sized = ResolveConfig(Given("preprocess { width: 96 height: 80 }"),
                                   Facts(Shape({-1, 3, -1, -1}), Shape({-1, 10})));
  ASSERT_THAT(sized, IsOk());
  EXPECT_EQ(sized->config.task(), v1::ModelConfig::CLASSIFY);
  EXPECT_EQ(sized->config.preprocess().width(), 96);
}

TEST(ResolveConfigTest, GreyAndIntegerInputsGetNoImageNetValues) {
  const auto grey = ResolveConfig({}, Facts(Shape({-1, 1, 28, 28}), Shape({-1, 10})));
  ASSERT_THAT(grey, IsOk());
  EXPECT_EQ(grey->config.preprocess().color(), v1::Preprocess::GRAY);
  EXPECT_EQ(grey->config.preprocess().mean_size(), 0);
  const auto bytes =
      ResolveConfig({}, Facts(Shape({-1, 3, 28, 28}), Shape({-1, 10}), DataType::kUint8));
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(bytes->config.preprocess().scale(), 1);
  EXPECT_EQ(bytes->config.preprocess().mean_size(), 0);
}

TEST(ResolveConfigTest, AModelThatEndsInSoftmaxIsNotGivenAnother) {
  ModelFacts facts = Facts(Shape({-1, 3, 224, 224}), Shape({-1, 1000}));
  facts.ends_in_scores = true;
  const auto resolved = ResolveConfig(Given("score_activation: AUTO"), facts);
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->config.score_activation(), v1::ModelConfig::NONE);
}

TEST(ResolveConfigTest, LabelsThatDoNotFitAreTold) {
  ModelFacts facts = Facts(Shape({-1, 3, 224, 224}), Shape({-1, 1000}));
  for (const auto& [lines, told] : std::vector<std::pair<int64_t, const char*>>{
           {10, "10 lines for 1000 classes: classes from 10 on have no label"},
           {1001, "1001 lines for 1000 classes: lines after the first 1000 are not used"}}) {
    facts.label_count = lines;
    const auto resolved = ResolveConfig({}, facts);
    ASSERT_THAT(resolved, IsOk());
    EXPECT_THAT(resolved->assumed, Contains(HasSubstr(told)));
  }
}

TEST(ResolveConfigTest, WhatContradictsTheModelIsRefused) {
  struct Case {
    const char* config;
    SymbolicShape input;
    const char* message;
  };
  const Case cases[] = {
      {"preprocess { width: 100 }", Shape({-1, 3, 224, 224}),
       "preprocess.width: got 100, want 224, the model's own"},
      {"task: CLASSIFY", Shape({-1, 3, -1, -1}), "preprocess.width: got none, want one"},
      {"task: DETECT", Shape({-1, 20}), "task DETECT: want one input of a picture"},
      {"preprocess { color: GRAY }", Shape({-1, 3, 224, 224}), "preprocess.color: got GRAY"},
      {"preprocess { mean: [1, 2] }", Shape({-1, 3, 224, 224}), "got 2 values, want 1 or 3"},
      {"preprocess { shorter_side: 100 }", Shape({-1, 3, 224, 224}),
       "preprocess.shorter_side: got 100, want at least 224"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ResolveConfig(Given(c.config), Facts(c.input, Shape({-1, 10}))),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.message)));
  }
}

TEST(ResolveConfigTest, AClassifiersOutputIsAListOfScores) {
  const SymbolicShape picture = Shape({-1, 3, 32, 32});
  for (const SymbolicShape& output : {Shape({-1, 10}), Shape({-1, 1}), Shape({-1, 10, 1, 1}),
                                      SymbolicShape{{-1, "N"}, {-1, "C"}}}) {
    EXPECT_THAT(ResolveConfig(Given("task: CLASSIFY"), Facts(picture, output)), IsOk())
        << engine::ToString(output);
  }
  const ModelFacts pixels = Facts(picture, Shape({-1, 21, 32, 32}));
  ModelFacts two = Facts(picture, Shape({-1, 10}));
  two.signature.outputs.push_back(two.signature.outputs[0]);
  ModelFacts indices = Facts(picture, Shape({-1, 10}));
  indices.signature.outputs[0].type = DataType::kInt64;
  for (const ModelFacts& facts : {pixels, two, indices}) {
    EXPECT_THAT(ResolveConfig(Given("task: CLASSIFY"), facts),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("task CLASSIFY: want one floating-point output [N,C], got ")));
    EXPECT_THAT(ResolveConfig({}, facts), IsOk());
  }
}

}  // namespace
}  // namespace dnnd::server
