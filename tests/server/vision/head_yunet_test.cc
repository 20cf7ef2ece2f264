#include <gmock/gmock.h>

#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// 64 x 32 pixels: 32, 8 and 2 cells. Outputs: classes, objectness, boxes, landmarks, by stride.
HeadTester Yunet(bool open = false) {
  HeadTester tester(64, 32);
  for (const int64_t width : {1, 1, 4, 10}) {
    for (const int64_t cells : {32, 8, 2}) {
      tester.Output("y", {open ? -1 : cells, width}, {width == 1 ? "Sigmoid" : "Conv"}, cells);
    }
  }
  return tester;
}

TEST(YunetHead, DecodesFacesWithTheirLandmarks) {
  HeadTester tester = Yunet();
  // Stride 16, row 1, column 2.
  const size_t cell = 6;
  tester.Set(1, cell, {0.9f});
  tester.Set(4, cell, {0.4f});
  tester.Set(7, cell * 4, {0.5f, 0.25f, 0.0f, std::log(2.0f)});
  tester.Set(10, cell * 10, {0, 0, 1, 0, 0, 1, 0.5f, 0.5f, -1, -1});
  const auto found = tester.Decode("YUNET");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  EXPECT_NEAR(found->items[0].score, 0.6f, kHeadScoreTolerance);
  EXPECT_EQ(found->items[0].class_index, 0);
  ExpectBox(found->items[0].box, {40 - 8, 20 - 16, 40 + 8, 20 + 16});
  ASSERT_EQ(found->keypoints_each, 5);
  ASSERT_EQ(found->keypoints.size(), 5u);
  EXPECT_FLOAT_EQ(found->keypoints[1].x, 48);
  EXPECT_FLOAT_EQ(found->keypoints[1].y, 16);
  EXPECT_FLOAT_EQ(found->keypoints[4].x, 16);
  EXPECT_FLOAT_EQ(found->keypoints[4].y, 0);
}

TEST(YunetHead, ClampsScoresAndLeavesOutBoxesThatAreNone) {
  HeadTester tester = Yunet();
  tester.Set(0, 3, {7.0f, 1.0f, -1.0f});
  tester.Set(3, 3, {1.0f, 1.0f, -1.0f});
  tester.Set(6, 4 * 4, {0, 0, 200.0f, 0});
  const auto found = tester.Decode("YUNET");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  EXPECT_FLOAT_EQ(found->items[0].score, 1.0f);
  EXPECT_EQ(found->keypoints.size(), 5u);
}

TEST(YunetHead, IsRecognisedAtAnySize) {
  EXPECT_EQ(Yunet().Recognised(), "YUNET");
  HeadTester open = Yunet(true);
  open.OpenInput();
  EXPECT_EQ(open.Recognised(), "YUNET");
  EXPECT_THAT(open.Decode("YUNET"), IsOk());
  open.ResizeOutput(2, {3, 1});
  EXPECT_THAT(open.Decode("YUNET").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want [2,1]")));
}

}  // namespace
}  // namespace dnnd::server
