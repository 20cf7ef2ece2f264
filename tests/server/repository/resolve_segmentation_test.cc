#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/repository/resolve_config.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using engine::DataType;
using engine::SymbolicShape;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using v1::ModelConfig;
using v1::SegmentationHead;

SymbolicShape Shape(std::initializer_list<int64_t> extents) {
  SymbolicShape shape;
  for (const int64_t extent : extents) {
    shape.push_back(extent < 0 ? engine::Dim{-1, "N"} : engine::Dim{extent, ""});
  }
  return shape;
}

ModelFacts Facts(SymbolicShape input, SymbolicShape output, bool ends_in_scores = false,
                 DataType type = DataType::kFloat32) {
  ModelFacts facts;
  facts.signature.inputs = {{"x", DataType::kFloat32, std::move(input), 0}};
  facts.signature.outputs = {{"map", type, std::move(output), 0}};
  facts.signature.batchable = true;
  facts.ends_in_scores = ends_in_scores;
  return facts;
}

ModelConfig Given(const std::string& text) {
  ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

const SymbolicShape kPicture = Shape({-1, 3, 64, 96});

TEST(ResolveSegmentationTest, OnlyAMapThatCannotBeAPictureIsTakenForASegmenter) {
  struct Case {
    const char* name;
    ModelFacts facts;
    ModelConfig::Task task;
  };
  const Case cases[] = {
      {"21 classes", Facts(kPicture, Shape({-1, 21, 64, 96})), ModelConfig::SEGMENT},
      {"behind the places", Facts(kPicture, Shape({-1, 16, 24, 21})), ModelConfig::SEGMENT},
      {"four scores that sum to one", Facts(kPicture, Shape({-1, 4, 64, 96}), true),
       ModelConfig::SEGMENT},
      {"whole numbers", Facts(kPicture, Shape({-1, 64, 96}), false, DataType::kInt64),
       ModelConfig::SEGMENT},
      {"a picture", Facts(kPicture, Shape({-1, 3, 64, 96})), ModelConfig::TENSORS},
      {"a larger picture", Facts(kPicture, Shape({-1, 3, 192, 288})), ModelConfig::TENSORS},
      {"one channel: a mask, depth, luminance", Facts(kPicture, Shape({-1, 1, 64, 96})),
       ModelConfig::TENSORS},
      {"features", Facts(kPicture, Shape({-1, 256, 4, 6})), ModelConfig::TENSORS},
      {"of another shape", Facts(kPicture, Shape({-1, 21, 64, 64})), ModelConfig::TENSORS},
  };
  for (const Case& c : cases) {
    const auto resolved = ResolveConfig({}, c.facts);
    ASSERT_THAT(resolved, IsOk()) << c.name;
    EXPECT_EQ(resolved->config.task(), c.task) << c.name;
  }
}

TEST(ResolveSegmentationTest, KindLayoutAndScoresAreTakenFromTheOutput) {
  struct Case {
    const char* config;
    ModelFacts facts;
    SegmentationHead::Kind kind;
    v1::Preprocess::TensorLayout layout;
    ModelConfig::ScoreActivation activation;
    SegmentationHead::MaskResize resize;
  };
  const Case cases[] = {
      {"", Facts(kPicture, Shape({-1, 21, 64, 96})), SegmentationHead::CLASS_SCORES,
       v1::Preprocess::NCHW, ModelConfig::SOFTMAX, SegmentationHead::BILINEAR},
      {"", Facts(kPicture, Shape({-1, 64, 96, 4}), true), SegmentationHead::CLASS_SCORES,
       v1::Preprocess::NHWC, ModelConfig::NONE, SegmentationHead::BILINEAR},
      {"", Facts(kPicture, Shape({-1, 1, 64, 96})), SegmentationHead::FOREGROUND,
       v1::Preprocess::NCHW, ModelConfig::SIGMOID, SegmentationHead::BILINEAR},
      {"segmentation { kind: OPACITY }", Facts(kPicture, Shape({-1, 1, 64, 96})),
       SegmentationHead::OPACITY, v1::Preprocess::NCHW, ModelConfig::NONE,
       SegmentationHead::BILINEAR},
      {"segmentation { mask_resize: BILINEAR }",
       Facts(kPicture, Shape({-1, 64, 96}), false, DataType::kInt32), SegmentationHead::CLASS_INDEX,
       v1::Preprocess::NCHW, ModelConfig::NONE, SegmentationHead::NEAREST},
      {"segmentation { layout: NHWC }", Facts(kPicture, Shape({-1, 64, 96, 64})),
       SegmentationHead::CLASS_SCORES, v1::Preprocess::NHWC, ModelConfig::SOFTMAX,
       SegmentationHead::BILINEAR},
  };
  for (const Case& c : cases) {
    ModelConfig given = Given(c.config);
    given.set_task(ModelConfig::SEGMENT);
    const auto resolved = ResolveConfig(given, c.facts);
    ASSERT_THAT(resolved, IsOk()) << c.config;
    const SegmentationHead& head = resolved->config.segmentation();
    EXPECT_EQ(head.kind(), c.kind) << c.config;
    EXPECT_EQ(head.layout(), c.layout) << c.config;
    EXPECT_EQ(head.output(), "map");
    EXPECT_EQ(head.mask_resize(), c.resize) << c.config;
    EXPECT_FLOAT_EQ(head.threshold(), 0.5f);
    EXPECT_EQ(resolved->config.score_activation(), c.activation) << c.config;
    EXPECT_EQ(resolved->config.preprocess().resize(), v1::Preprocess::STRETCH);
  }
}

TEST(ResolveSegmentationTest, LabelsThatDoNotFitAreTold) {
  ModelFacts facts = Facts(kPicture, Shape({-1, 21, 64, 96}));
  facts.label_count = 20;
  EXPECT_THAT(ResolveConfig({}, facts)->assumed,
              Contains(HasSubstr("20 lines for 21 classes: classes from 20 on have no label")));
  facts.label_count = 21;
  EXPECT_THAT(ResolveConfig({}, facts)->assumed, Not(Contains(HasSubstr("labels file"))));
}

TEST(ResolveSegmentationTest, WhatContradictsTheOutputIsRefused) {
  struct Case {
    const char* config;
    ModelFacts facts;
    const char* message;
  };
  const Case cases[] = {
      {"", Facts(kPicture, Shape({-1, 1000})), "no output is a map"},
      {"segmentation { output: \"other\" }", Facts(kPicture, Shape({-1, 21, 64, 96})),
       "other is a map"},
      {"segmentation { kind: FOREGROUND }", Facts(kPicture, Shape({-1, 21, 64, 96})),
       "got FOREGROUND for map of 21 channels, want CLASS_SCORES"},
      {"segmentation { kind: CLASS_SCORES }", Facts(kPicture, Shape({-1, 1, 64, 96})),
       "want a kind for one channel"},
  };
  for (const Case& c : cases) {
    ModelConfig given = Given(c.config);
    given.set_task(ModelConfig::SEGMENT);
    EXPECT_THAT(ResolveConfig(given, c.facts),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.message)))
        << c.config;
  }
}

}  // namespace
}  // namespace dnnd::server
