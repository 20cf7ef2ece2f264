#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>

#include "absl/time/clock.h"
#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::set<std::string> kArithmetic = {"Add", "Mul", "Sigmoid"};
constexpr int64_t kCells = 42;  // of 64 x 32 pixels

HeadTester Yolo(int64_t rows, int64_t columns, std::set<std::string> made_by = kArithmetic) {
  HeadTester tester(64, 32);
  tester.Output("output0", {rows, columns}, std::move(made_by));
  return tester;
}

std::vector<absl::string_view> Possible(const HeadTester& tester) {
  std::vector<absl::string_view> names;
  for (const HeadRow* row : RecogniseHead(const_cast<HeadTester&>(tester).info()).possible) {
    names.push_back(row->name);
  }
  return names;
}

TEST(YoloV5Head, ReadsRowsWithAnObjectness) {
  HeadTester tester = Yolo(3 * kCells, 5 + 2);
  tester.Set(0, 9 * 7, {20, 10, 8, 4, 0.9f, 0.1f, 0.8f});
  tester.Set(0, 10 * 7, {20, 10, 8, 4, 0.6f, 0.1f, 0.8f});  // 0.48
  tester.Set(0, 11 * 7, {NAN, 10, 8, 4, 0.9f, 0.1f, 0.8f});
  const auto found = tester.Decode("YOLO_V5");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  ExpectBox(found->items[0].box, {16, 8, 24, 12});
  EXPECT_NEAR(found->items[0].score, 0.72f, kHeadScoreTolerance);
  EXPECT_EQ(found->items[0].class_index, 1);
}

TEST(YoloHeads, MakeMasksOfCoefficientsAndPrototypes) {
  struct Form {
    const char* kind;
    std::vector<int64_t> boxes;
    size_t first;  // of the coefficients of box 5
    size_t step;
  };
  const Form forms[] = {
      {"YOLO_V5", {3 * kCells, 5 + 3 + 2}, 5 * 10 + 8, 1},
      {"YOLO_V8", {4 + 3 + 2, kCells}, 7 * kCells + 5, kCells},
      {"YOLO_V8", {kCells, 4 + 3 + 2}, 5 * 9 + 7, 1},
  };
  for (const Form& form : forms) {
    SCOPED_TRACE(form.kind);
    HeadTester tester = Yolo(form.boxes[0], form.boxes[1]);
    tester.Output("output1", {2, 2, 4});
    tester.Set(0, form.first, {3});
    tester.Set(0, form.first + form.step, {-2});
    tester.Set(1, 0, {1});
    tester.Set(1, 8, {5});
    EXPECT_EQ(tester.Decode(form.kind)->items.size(), 0u);
    const auto scores = tester.MaskOf(form.kind, 5, {1, 1, 2, 2});
    ASSERT_THAT(scores, IsOk());
    EXPECT_FLOAT_EQ(scores->values[0], 3 * 1 - 2 * 5);
    HeadTester alone = Yolo(form.boxes[0], form.boxes[1]);
    EXPECT_THAT(alone.MaskOf(form.kind, 5, {}).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no masks")));
    tester.ResizeOutput(1, {3, 2, 4});
    EXPECT_THAT(
        tester.MaskOf(form.kind, 5, {}).status(),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want [2,rows,columns]")));
  }
}

TEST(YoloV8Head, ReadsColumnsAndRows) {
  HeadTester columns = Yolo(4 + 3, kCells);
  HeadTester rows = Yolo(kCells, 4 + 3);
  const std::vector<float> box = {20, 10, 8, 4, 0.1f, 0.2f, 0.7f};
  for (size_t i = 0; i < box.size(); ++i) {
    columns.Set(0, i * kCells + 5, {box[i]});
  }
  rows.Set(0, 5 * box.size(), box);
  for (HeadTester* tester : {&columns, &rows}) {
    const auto found = tester->Decode("YOLO_V8");
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    ExpectBox(found->items[0].box, {16, 8, 24, 12});
    EXPECT_FLOAT_EQ(found->items[0].score, 0.7f);
    EXPECT_EQ(found->items[0].class_index, 2);
  }
}

TEST(YoloHeads, AreRecognisedByTheirCountsUnlessTwoHaveTheSame) {
  EXPECT_EQ(Yolo(3 * kCells, 85).Recognised(), "YOLO_V5");
  EXPECT_EQ(Yolo(84, kCells).Recognised(), "YOLO_V8");
  // YOLOv6, a decoded YOLOX, or a transposed v8: one row a cell.
  HeadTester either = Yolo(kCells, 85);
  EXPECT_EQ(either.Recognised(), "");
  EXPECT_THAT(Possible(either), ElementsAre("YOLOX", "YOLO_V5", "YOLO_V8"));
  EXPECT_EQ(Yolo(kCells + 1, 85).Recognised(), "");
}

TEST(YoloHeads, RefuseOtherOutputs) {
  HeadTester two = Yolo(kCells, 85);
  two.Output("masks", {96, 8, 8});
  for (const char* kind : {"YOLO_V5", "YOLO_V8"}) {
    EXPECT_THAT(two.Decode(kind).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("masks [96,8,8]")));
  }
}

// What is asked for, with the suppression of overlaps, is 2 ms on one core; a busy machine and a
// sanitizer need room.
constexpr absl::Duration kGenerous = absl::Milliseconds(200);

TEST(YoloV5Head, ReadsEveryScoreOfALargeModelInLittleTime) {
  constexpr int64_t kBoxes = 25200;
  HeadTester tester(640, 640);
  tester.Output("output", {kBoxes, 85}, kArithmetic);
  for (int64_t i = 0; i < kBoxes; ++i) {
    tester.Set(0, i * 85, {20, 10, 8, 4, 1.0f});
    tester.Set(0, i * 85 + 5 + i % 80, {i % 100 == 0 ? 0.9f : 0.1f});
  }
  absl::Duration least = absl::InfiniteDuration();
  for (int run = 0; run < 10; ++run) {
    const absl::Time start = absl::Now();
    const auto found = tester.Decode("YOLO_V5");
    least = std::min(least, absl::Now() - start);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->items.size(), 252u);
  }
  std::printf("    25 200 boxes, every one of 80 scores: %.2f ms\n",
              absl::ToDoubleMilliseconds(least));
  EXPECT_LT(least, kGenerous);
}

// Two levels of 64 x 32 pixels.
HeadSpec GridLevels() {
  HeadSpec spec;
  spec.levels = {{16, {{10, 20}, {30, 40}}}, {32, {{50, 60}, {70, 80}}}};
  return spec;
}
constexpr int64_t kValues = 5 + 2;

// The value v of anchor a at (x, y) of the first level, 4 columns by 2 rows, in each layout.
size_t InChannelsFirst(int64_t a, int64_t v, int64_t y, int64_t x) {
  return (a * kValues + v) * 8 + y * 4 + x;
}
size_t InChannelsLast(int64_t a, int64_t v, int64_t y, int64_t x) {
  return (y * 4 + x) * 2 * kValues + a * kValues + v;
}
size_t InAnchorsFirst(int64_t a, int64_t v, int64_t y, int64_t x) {
  return (a * 8 + y * 4 + x) * kValues + v;
}

struct GridCase {
  const char* name;
  std::vector<int64_t> first;
  std::vector<int64_t> second;
  size_t (*index)(int64_t a, int64_t v, int64_t y, int64_t x);
};

TEST(YoloGridHeads, DecodeEveryLayoutByTheirOwnFormula) {
  const GridCase cases[] = {
      {"channels first", {2 * kValues, 2, 4}, {2 * kValues, 1, 2}, &InChannelsFirst},
      {"channels last", {2, 4, 2 * kValues}, {1, 2, 2 * kValues}, &InChannelsLast},
      {"anchors first", {2, 2, 4, kValues}, {2, 1, 2, kValues}, &InAnchorsFirst},
  };
  const float certain = 20.0f;  // its sigmoid is 1 within 2e-9
  for (const GridCase& c : cases) {
    SCOPED_TRACE(c.name);
    HeadTester tester(64, 32);
    tester.Output("large", c.first).Output("small", c.second);
    for (auto* values : {&tester.values(0), &tester.values(1)}) {
      std::fill(values->begin(), values->end(), -certain);
    }
    // Anchor 30 x 40 at row 1, column 3: sigmoid 0.5 for the middle.
    const float raw[kValues] = {0, 0, std::log(3.0f), 0, certain, -certain, std::log(9.0f)};
    for (int64_t v = 0; v < kValues; ++v) {
      tester.Set(0, c.index(1, v, 1, 3), {raw[v]});
    }
    const auto v3 = tester.Decode("YOLO_V3_GRID", 0.5f, GridLevels());
    ASSERT_THAT(v3, IsOk());
    ASSERT_EQ(v3->items.size(), 1u);
    ExpectBox(v3->items[0].box, {56 - 45, 24 - 20, 56 + 45, 24 + 20});
    EXPECT_NEAR(v3->items[0].score, 0.9f, kHeadScoreTolerance);
    EXPECT_EQ(v3->items[0].class_index, 1);
    const auto v5 = tester.Decode("YOLO_V5_GRID", 0.5f, GridLevels());
    ASSERT_THAT(v5, IsOk());
    ASSERT_EQ(v5->items.size(), 1u);
    const float width = 30 * 1.5f * 1.5f;  // sigmoid(log 3) = 0.75
    ExpectBox(v5->items[0].box, {56 - width / 2, 24 - 20, 56 + width / 2, 24 + 20});
  }
}

TEST(YoloGridHeads, TakeTheGridOfAnOpenSizeFromEachPicture) {
  for (const bool channels_first : {true, false}) {
    HeadTester tester(64, 32);
    for (const int64_t rows : {2, 1}) {
      const int64_t all = 2 * kValues;
      tester.Output("grid", channels_first ? std::vector<int64_t>{all, -1, -1}
                                           : std::vector<int64_t>{-1, -1, all});
      tester.ResizeOutput(2 - rows, channels_first ? std::vector<int64_t>{all, rows, 2 * rows}
                                                   : std::vector<int64_t>{rows, 2 * rows, all});
    }
    tester.OpenInput();
    const auto index = channels_first ? &InChannelsFirst : &InChannelsLast;
    tester.Set(0, index(0, 4, 1, 3), {20});
    tester.Set(0, index(0, 6, 1, 3), {20});
    const auto found = tester.Decode("YOLO_V3_GRID", 0.9f, GridLevels());
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    EXPECT_EQ(found->items[0].class_index, 1);
  }
}

TEST(YoloGridHeads, NeedTheirAnchorsAndAreNeverGuessed) {
  HeadTester tester(64, 32);
  tester.Output("large", {2 * kValues, 2, 4}).Output("small", {2 * kValues, 1, 2});
  EXPECT_EQ(tester.Recognised(), "");
  EXPECT_THAT(Possible(tester), ElementsAre("YOLO_V3_GRID", "YOLO_V5_GRID"));
  EXPECT_THAT(tester.Decode("YOLO_V3_GRID").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("detection.levels")));
  auto spec = GridLevels();
  spec.levels[0].stride = 8;
  EXPECT_THAT(tester.Decode("YOLO_V5_GRID", 0.5f, spec).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("large [14,2,4]")));
}

}  // namespace
}  // namespace dnnd::server
