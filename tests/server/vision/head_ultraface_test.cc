#include <gmock/gmock.h>

#include "server/vision/anchors.h"
#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// What the repository says of 320 x 240.
constexpr int64_t kAnchors = 4420;

HeadTester Ultraface(std::set<std::string> boxes, std::set<std::string> scores = {"Softmax"}) {
  HeadTester tester(320, 240);
  tester.Output("scores", {kAnchors, 2}, std::move(scores));
  tester.Output("boxes", {kAnchors, 4}, std::move(boxes));
  return tester;
}

TEST(UltrafaceHead, DecodesRawOffsetsFromItsAnchors) {
  HeadTester tester = Ultraface({"Conv"});
  // Stride 8, row 1, column 2, the middle one of its three anchors: 16 pixels at (20, 12).
  const size_t small = (40 + 2) * 3 + 1;
  tester.Set(0, small * 2, {0.1f, 0.9f});
  tester.Set(1, small * 4, {5.0f, 0.0f, std::log(2.0f) / 0.2f, 0.0f});
  // The last: 256 pixels, cut to the input's height, at (288, 224).
  tester.Set(0, (kAnchors - 1) * 2, {0.2f, 0.8f});
  const auto found = tester.Decode("ULTRAFACE_RAW");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 2u);
  ExpectBox(found->items[0].box, {28 - 16, 12 - 8, 28 + 16, 12 + 8});
  EXPECT_FLOAT_EQ(found->items[0].score, 0.9f);
  EXPECT_EQ(found->items[0].class_index, 0);
  ExpectBox(found->items[1].box, {288 - 128, 224 - 120, 288 + 128, 224 + 120});
}

TEST(UltrafaceHead, TakesDecodedCornersAsPartsOfTheInput) {
  HeadTester tester = Ultraface({"Sub", "Add"}, {"Conv"});
  tester.Set(0, 10 * 2, {0.0f, std::log(3.0f)});  // 0.75 after softmax
  tester.Set(1, 10 * 4, {0.25f, 0.5f, 0.5f, 0.75f});
  const auto found = tester.Decode("ULTRAFACE", 0.6f);  // two zeros are one half
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  EXPECT_NEAR(found->items[0].score, 0.75f, kHeadScoreTolerance);
  ExpectBox(found->items[0].box, {80, 120, 160, 180});
}

TEST(UltrafaceHead, IsToldFromItsRawFormByTheOperatorsOfItsBoxes) {
  EXPECT_EQ(Ultraface({"Conv"}).Recognised(), "ULTRAFACE_RAW");
  EXPECT_EQ(Ultraface({"Sub", "Add"}).Recognised(), "ULTRAFACE");
  HeadTester other(320, 240);
  other.Output("scores", {kAnchors - 1, 2}).Output("boxes", {kAnchors - 1, 4});
  EXPECT_EQ(other.Recognised(), "");
  EXPECT_THAT(other.Decode("ULTRAFACE_RAW").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4420")));
}

}  // namespace
}  // namespace dnnd::server
