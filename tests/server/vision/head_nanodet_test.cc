#include <gmock/gmock.h>

#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kClasses = 8;  // as many as fit distances, too: only the sigmoid tells
constexpr int64_t kBins = 3;

// 64 x 32 pixels.
HeadTester Nanodet(bool in_turn, const char* scores_made_by = "Sigmoid") {
  HeadTester tester(64, 32);
  const auto scores = [&](int64_t cells) {
    tester.Output("cls", {cells, kClasses}, {scores_made_by});
  };
  const auto distances = [&](int64_t cells) { tester.Output("dis", {cells, 4 * kBins}); };
  for (const int64_t cells : {32, 8, 2}) {
    scores(cells);
    if (in_turn) {
      distances(cells);
    }
  }
  for (const int64_t cells : {32, 8, 2}) {
    if (!in_turn) {
      distances(cells);
    }
  }
  return tester;
}

TEST(NanodetHead, TakesTheMeanOfEachDistribution) {
  for (const bool in_turn : {false, true}) {
    HeadTester tester = Nanodet(in_turn);
    // Stride 16, row 1, column 2: middle (40, 24).
    const size_t cell = 6;
    tester.Set(in_turn ? 2 : 1, cell * kClasses + 5, {0.75f});
    // Left: all at 2. Top: evenly 0 to 2. Right: logits without bounds. Bottom: 0 and 1 evenly.
    tester.Set(in_turn ? 3 : 4, cell * 4 * kBins,
               {-50, -50, 50, 7, 7, 7, 0, 1000, 0, 30, 30, -100});
    const auto found = tester.Decode("NANODET");
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    EXPECT_FLOAT_EQ(found->items[0].score, 0.75f);
    EXPECT_EQ(found->items[0].class_index, 5);
    ExpectBox(found->items[0].box, {40 - 32, 24 - 16, 40 + 16, 24 + 8});
  }
}

TEST(NanodetHead, IsRecognisedByWhereScoresAndDistancesComeFrom) {
  EXPECT_EQ(Nanodet(false).Recognised(), "NANODET");
  EXPECT_EQ(Nanodet(true).Recognised(), "NANODET");
  EXPECT_EQ(Nanodet(false, "Conv").Recognised(), "");
}

TEST(NanodetHead, RefusesOtherOutputs) {
  HeadTester tester(64, 32);
  tester.Output("y", {42, 85});
  EXPECT_THAT(tester.Decode("NANODET").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("NANODET reads")));
}

// 64 x 64 pixels: 64 + 16 + 4 + 1 cells.
HeadTester NanodetPlus(int64_t cells = 85) {
  HeadTester tester(64, 64);
  tester.Output("output", {cells, kClasses + 32}, {"Conv", "Sigmoid"}, 85);
  return tester;
}

TEST(NanodetPlusHead, MeasuresSidesFromTheCornersOfCells) {
  HeadTester tester = NanodetPlus();
  EXPECT_EQ(tester.Recognised(), "NANODET_PLUS");
  // Stride 16, row 1, column 2: (32, 16). Every distance evenly 0 to 7 but for the left one: 1.
  const size_t first = (64 + 4 + 2) * (kClasses + 32);
  tester.Set(0, first + 5, {0.75f});
  tester.Set(0, first + kClasses + 1, {50});
  const auto found = tester.Decode("NANODET_PLUS");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  EXPECT_EQ(found->items[0].class_index, 5);
  ExpectBox(found->items[0].box, {32 - 16, 16 - 56, 32 + 56, 16 + 56});
}

TEST(NanodetPlusHead, IsInQuestionBesideYoloxWhereTheSizeIsOpen) {
  HeadTester tester = NanodetPlus(-1);
  tester.OpenInput();
  EXPECT_EQ(tester.Recognised(), "");
  EXPECT_EQ(RecogniseHead(tester.info()).possible.size(), 2u);
  EXPECT_THAT(tester.Decode("NANODET_PLUS"), IsOk());
}

TEST(NanodetPlusHead, RefusesOtherGrids) {
  EXPECT_THAT(NanodetPlus(84).Decode("NANODET_PLUS").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("NANODET_PLUS reads")));
}

}  // namespace
}  // namespace dnnd::server
