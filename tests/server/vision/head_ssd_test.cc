#include <gmock/gmock.h>

#include "server/vision/anchors.h"
#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// 64 x 32 pixels: 4 * 2 cells of two anchors, 2 cells of one.
HeadSpec Levels() {
  HeadSpec spec;
  spec.levels = {{16, {{16, 16}, {32, 8}}}, {32, {{64, 48}}}};
  return spec;
}
constexpr int64_t kAnchors = 18;

HeadTester Ssd(const std::string& scores_made_by, int64_t classes = 3) {
  HeadTester tester(64, 32);
  tester.Output("boxes", {kAnchors, 4});
  tester.Output("scores", {kAnchors, classes}, {scores_made_by});
  return tester;
}

TEST(MakeAnchorsTest, CountsSsd300sAnchorsAsThePaperDoes) {
  const std::vector<AnchorLevel::Size> four(4);
  const std::vector<AnchorLevel::Size> six(6);
  const std::vector<AnchorLevel> levels = {{8, four}, {16, six},   {32, six},
                                           {64, six}, {100, four}, {300, four}};
  EXPECT_EQ(CountAnchors(levels, 300, 300), 8732);
  EXPECT_EQ(MakeAnchors(levels, 300, 300, {}).size(), 8732u);
}

TEST(MakeAnchorsTest, PutsMiddlesWhereTheRuleSays) {
  const std::vector<AnchorLevel> levels = {{16, {{8, 8}}}};
  EXPECT_EQ(MakeAnchors(levels, 32, 16, {})[1].x, 24);
  EXPECT_EQ(MakeAnchors(levels, 32, 16, {.offset = 0})[1].x, 16);
}

TEST(SsdHead, AppliesVariancesToOffsetsAndReportsEveryClassThatIsSure) {
  HeadTester tester = Ssd("Softmax");
  // Row 1, column 2, the second anchor: 32 x 8 at (40, 24).
  const size_t anchor = (4 + 2) * 2 + 1;
  tester.Set(0, anchor * 4, {1.0f, -1.0f, 0.0f, std::log(2.0f) / 0.2f});
  tester.Set(1, anchor * 3, {0.0f, 0.6f, 0.55f});
  // The last level's second cell, without "nothing" being a class.
  tester.Set(1, 17 * 3, {0.9f, 0.0f, 0.0f});
  auto spec = Levels();
  const auto all = tester.Decode("SSD", 0.5f, spec);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->items.size(), 3u);
  ExpectBox(all->items[0].box, {43.2f - 16, 23.2f - 8, 43.2f + 16, 23.2f + 8});
  EXPECT_EQ(all->items[0].class_index, 1);
  EXPECT_EQ(all->items[1].class_index, 2);
  ExpectBox(all->items[2].box, {48 - 32, 16 - 24, 48 + 32, 16 + 24});

  spec.background = true;
  spec.center_variance = spec.size_variance = 1.0f;
  const auto things = tester.Decode("SSD", 0.5f, spec);
  ASSERT_THAT(things, IsOk());
  ASSERT_EQ(things->items.size(), 2u);
  EXPECT_EQ(things->items[0].class_index, 0);
  EXPECT_NEAR((things->items[0].box.x_min + things->items[0].box.x_max) / 2, 72, kPixelTolerance);
}

TEST(SsdHead, MakesScoresOfLogits) {
  HeadTester tester = Ssd("Conv");
  tester.Set(1, 0, {0.0f, 0.0f, std::log(6.0f)});
  const auto sigmoids = tester.Decode("SSD", 0.7f, Levels());
  ASSERT_THAT(sigmoids, IsOk());
  ASSERT_EQ(sigmoids->items.size(), 1u);
  EXPECT_NEAR(sigmoids->items[0].score, 6.0f / 7, kHeadScoreTolerance);
  auto spec = Levels();
  spec.background = true;
  const auto shares = tester.Decode("SSD", 0.7f, spec);
  ASSERT_THAT(shares, IsOk());
  ASSERT_EQ(shares->items.size(), 1u);
  EXPECT_NEAR(shares->items[0].score, 6.0f / 8, kHeadScoreTolerance);
  EXPECT_EQ(shares->items[0].class_index, 1);
}

TEST(SsdHead, NeedsItsAnchorsAndIsNeverGuessed) {
  EXPECT_EQ(Ssd("Softmax").Recognised(), "");
  EXPECT_THAT(Ssd("Softmax").Decode("SSD").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("detection.levels")));
  auto spec = Levels();
  spec.levels.pop_back();
  EXPECT_THAT(Ssd("Softmax").Decode("SSD", 0.5f, spec).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 16 anchors, want 18")));
}

}  // namespace
}  // namespace dnnd::server
