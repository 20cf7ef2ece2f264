#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/repository/resolve_config.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using engine::Dim;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::ModelConfig Given(const std::string& text) {
  v1::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

// A detector of `side` x `side` pixels; < 0: open.
ModelFacts Detector(int64_t side, v1::DetectionHead::Kind kind, const std::string& possible = "") {
  ModelFacts facts;
  const Dim extent = {side, side < 0 ? "side" : ""};
  facts.signature.inputs = {
      {"x", engine::DataType::kFloat32, {{1, ""}, {3, ""}, extent, extent}, 0}};
  facts.signature.outputs = {{"y", engine::DataType::kFloat32, {{1, ""}, {3549, ""}, {85, ""}}, 0}};
  facts.signature.batchable = true;
  facts.detector.kind = kind;
  facts.detector.possible = possible;
  v1::Preprocess& usual = facts.detector.preprocess;
  usual.set_resize(v1::Preprocess::LETTERBOX);
  usual.set_anchor(v1::Preprocess::TOP_LEFT);
  usual.set_pad_value(114);
  usual.set_color(v1::Preprocess::BGR);
  usual.set_scale(1);
  usual.set_size_multiple(32);
  return facts;
}

TEST(ResolveDetectionTest, ARecognisedDetectorNeedsNoConfiguration) {
  const auto resolved = ResolveConfig({}, Detector(416, v1::DetectionHead::YOLOX));
  ASSERT_THAT(resolved, IsOk());
  const v1::ModelConfig& config = resolved->config;
  EXPECT_EQ(config.task(), v1::ModelConfig::DETECT);
  EXPECT_EQ(config.detection().kind(), v1::DetectionHead::YOLOX);
  EXPECT_FLOAT_EQ(config.detection().score_threshold(), 0.25f);
  EXPECT_FLOAT_EQ(config.detection().iou_threshold(), 0.45f);
  EXPECT_EQ(config.detection().max_detections(), 100);
  EXPECT_EQ(config.preprocess().width(), 416);
  EXPECT_EQ(config.preprocess().resize(), v1::Preprocess::LETTERBOX);
  EXPECT_EQ(config.preprocess().anchor(), v1::Preprocess::TOP_LEFT);
  EXPECT_EQ(config.preprocess().pad_value(), 114);
  EXPECT_EQ(config.preprocess().color(), v1::Preprocess::BGR);
  EXPECT_EQ(config.preprocess().scale(), 1);
  EXPECT_FALSE(config.preprocess().has_max_side());
  EXPECT_THAT(resolved->assumed, Contains("task DETECT: a detection head is there, YOLOX"));
  EXPECT_THAT(resolved->assumed, Contains("detection.kind YOLOX, recognised from the outputs"));
  EXPECT_THAT(resolved->assumed,
              Contains("pictures as YOLOX usually wants them: LETTERBOX TOP_LEFT padded with 114, "
                       "BGR, values pixel * 1"));
}

TEST(ResolveDetectionTest, WhatIsConfiguredWinsAndIsNotCalledAssumed) {
  const auto resolved = ResolveConfig(
      Given("task: DETECT detection { kind: YOLOX score_threshold: 0 max_detections: 7 } "
            "preprocess { resize: STRETCH color: RGB mean: [1, 2, 3] scale: 2 }"),
      Detector(416, v1::DetectionHead::YOLOX));
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->config.detection().score_threshold(), 0);
  EXPECT_EQ(resolved->config.detection().max_detections(), 7);
  EXPECT_EQ(resolved->config.preprocess().resize(), v1::Preprocess::STRETCH);
  EXPECT_EQ(resolved->config.preprocess().pad_value(), 0);
  EXPECT_THAT(resolved->config.preprocess().mean(), ElementsAre(1, 2, 3));
  EXPECT_THAT(resolved->assumed, Not(Contains(HasSubstr("YOLOX"))));
}

TEST(ResolveDetectionTest, AnOpenSizeIsThePicturesOwnUnlessConfigured) {
  const ModelFacts open = Detector(-1, v1::DetectionHead::YUNET);
  const auto own = ResolveConfig({}, open);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->config.preprocess().width(), 0);
  EXPECT_EQ(own->config.preprocess().max_side(), 1280);
  EXPECT_EQ(own->config.preprocess().size_multiple(), 32);
  EXPECT_THAT(own->assumed, Contains(HasSubstr("runs at each picture's own size")));
  const auto sized = ResolveConfig(Given("preprocess { width: 320 height: 320 }"), open);
  ASSERT_THAT(sized, IsOk());
  EXPECT_EQ(sized->config.preprocess().width(), 320);
  EXPECT_FALSE(sized->config.preprocess().has_max_side());
}

struct Refused {
  const char* given;
  ModelFacts facts;
  const char* message;
};

TEST(ResolveDetectionTest, RefusesWhatCannotBeTold) {
  const auto none = v1::DetectionHead::KIND_UNSPECIFIED;
  const Refused cases[] = {
      {"task: DETECT", Detector(416, none, "YOLOX, YOLO_V8"),
       "detection.kind: got none, want one: the outputs may be those of YOLOX, YOLO_V8"},
      {"task: DETECT", Detector(416, none), "the outputs are like those of no kind"},
      {"preprocess { width: 320 }", Detector(-1, v1::DetectionHead::YUNET), "preprocess.height"},
      {"preprocess { max_side: 16 }", Detector(-1, v1::DetectionHead::YUNET),
       "preprocess.max_side: got 16, want at least 32"},
      {"preprocess { resize: SHORTER_SIDE_CROP }", Detector(-1, v1::DetectionHead::YUNET),
       "want LETTERBOX or STRETCH"},
  };
  for (const Refused& refused : cases) {
    EXPECT_THAT(ResolveConfig(Given(refused.given), refused.facts).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(refused.message)));
  }
}

TEST(ResolveDetectionTest, AKindThatIsNamedIsNotDroppedWhereNoPictureGoesIn) {
  ModelFacts facts = Detector(416, v1::DetectionHead::KIND_UNSPECIFIED);
  facts.signature.inputs[0].shape = {{1, ""}, {6300, ""}, {11, ""}};
  EXPECT_THAT(ResolveConfig(Given("detection { kind: DECODED }"), facts),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("task DETECT: want one input of a picture")));
}

TEST(ResolveDetectionTest, WhatMayBeADetectorIsServedAsTensorsAndSaysSo) {
  const auto resolved =
      ResolveConfig({}, Detector(416, v1::DetectionHead::KIND_UNSPECIFIED, "YOLO_V5, YOLO_V8"));
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->config.task(), v1::ModelConfig::TENSORS);
  EXPECT_THAT(resolved->assumed, Contains(HasSubstr("it may be YOLO_V5, YOLO_V8")));
}

}  // namespace
}  // namespace dnnd::server
