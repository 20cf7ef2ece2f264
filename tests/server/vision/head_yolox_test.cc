#include <gmock/gmock.h>

#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 64 x 32 pixels: 8 * 4 + 4 * 2 + 2 * 1 cells.
constexpr int64_t kCells = 42;
constexpr int64_t kValues = 5 + 3;

HeadTester Yolox(std::set<std::string> made_by = {"Conv", "Sigmoid"}) {
  HeadTester tester(64, 32);
  tester.Output("output", {kCells, kValues}, std::move(made_by));
  return tester;
}

TEST(YoloxHead, DecodesOffsetsFromTheCellsOfEachStride) {
  HeadTester tester = Yolox();
  // Stride 8, row 2, column 5; stride 16, row 1, column 3; stride 32, column 1.
  tester.Set(0, (2 * 8 + 5) * kValues, {0.25f, 0.5f, 0.0f, std::log(2.0f), 0.9f, 0.1f, 0.8f, 0.2f});
  tester.Set(0, (32 + 4 + 3) * kValues, {0.0f, 0.0f, 0.0f, 0.0f, 0.8f, 0.9f, 0.1f, 0.1f});
  tester.Set(0, (32 + 8 + 1) * kValues, {1.0f, 1.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f, 1.0f});
  const auto found = tester.Decode("YOLOX");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 3u);
  ExpectBox(found->items[0].box, {42 - 4, 20 - 8, 42 + 4, 20 + 8});
  EXPECT_NEAR(found->items[0].score, 0.72f, kHeadScoreTolerance);
  EXPECT_EQ(found->items[0].class_index, 1);
  ExpectBox(found->items[1].box, {48 - 8, 16 - 8, 48 + 8, 16 + 8});
  EXPECT_EQ(found->items[1].class_index, 0);
  ExpectBox(found->items[2].box, {64 - 16, 32 - 16, 64 + 16, 32 + 16});
  EXPECT_EQ(found->items[2].class_index, 2);
}

TEST(YoloxHead, LeavesOutWhatIsUnsureOrNoBox) {
  HeadTester tester = Yolox();
  tester.Set(0, 0, {0, 0, 0, 0, 0.7f, 0.7f, 0, 0});             // 0.49
  tester.Set(0, kValues, {0, 0, 200.0f, 0, 1.0f, 1.0f, 0, 0});  // exp overflows
  tester.Set(0, 2 * kValues, {0, 0, 0, 0, NAN, 1.0f, 0, 0});
  tester.Set(0, 3 * kValues, {NAN, 0, 0, 0, 1.0f, 1.0f, 0, 0});
  const auto found = tester.Decode("YOLOX");
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->items, IsEmpty());
}

TEST(YoloxHead, IsRecognisedUnlessTheModelDecodesItself) {
  EXPECT_EQ(Yolox().Recognised(), "YOLOX");
  EXPECT_EQ(Yolox({"Add", "Exp", "Mul", "Sigmoid"}).Recognised(), "");
}

TEST(YoloxHead, RefusesOtherOutputs) {
  HeadTester tester(64, 32);
  tester.Output("output", {kCells + 1, kValues});
  EXPECT_THAT(tester.Decode("YOLOX").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("output [43,8]")));
  HeadTester open = Yolox();
  open.OpenInput();
  open.ResizeOutput(0, {kCells - 1, kValues});
  EXPECT_THAT(open.Decode("YOLOX").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want [42,8]")));
}

}  // namespace
}  // namespace dnnd::server
