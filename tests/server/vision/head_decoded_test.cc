#include <gmock/gmock.h>

#include "server/vision/head_support.h"
#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

HeadTester Decoded() { return HeadTester(64, 32); }

struct Form {
  const char* name;
  HeadTester tester;
};

// One box (8, 4, 24, 12) of class 3 with score 0.75, the second of three, in every form.
std::vector<Form> Forms() {
  std::vector<Form> forms;
  HeadTester tensorflow = Decoded();
  tensorflow.Output("detection_boxes", {3, 4}, {"Gather"}).Output("detection_classes", {3});
  tensorflow.Output("detection_scores", {3}).Output("num_detections", {1});
  tensorflow.Set(0, 4, {8, 4, 24, 12});
  tensorflow.Set(1, 1, {3});
  tensorflow.Set(2, 1, {0.75f, 0.9f});
  tensorflow.Set(3, 0, {2});  // the third, surer one does not count
  forms.push_back({"boxes, classes, scores and their number", tensorflow});
  HeadTester torch = Decoded();
  torch.Output("a", {-1, 4}, {"Gather"}, 3).Output("b", {-1}, {"Gather"}, 3);
  torch.Output("c", {-1}, {"Gather"}, 3);
  torch.info().outputs[1].type = engine::DataType::kInt64;
  torch.Set(0, 4, {8, 4, 24, 12});
  torch.Set(1, 1, {3});
  torch.Set(2, 1, {0.75f});
  forms.push_back({"classes known by their type", torch});
  HeadTester scores = Decoded();
  scores.Output("boxes", {3, 4}, {"Mul"}).Output("scores", {3, 6}, {"Sigmoid"});
  scores.Set(0, 4, {8, 4, 24, 12});
  scores.Set(1, 6, {0, 0.1f, 0, 0.75f, 0.7f, 0});
  forms.push_back({"a score for each class", scores});
  HeadTester by_class = Decoded();
  by_class.Output("scores", {6, 3}, {"Sigmoid"}).Output("boxes", {3, 4}, {"Mul"});
  by_class.Set(1, 4, {8, 4, 24, 12});
  by_class.Set(0, 1, {0.1f});
  by_class.Set(0, 3 * 3 + 1, {0.75f});
  by_class.Set(0, 4 * 3 + 1, {0.7f});
  forms.push_back({"a row of scores for each class", by_class});
  HeadTester five = Decoded();
  five.Output("dets", {3, 5}, {"Gather"}).Output("labels", {3});
  five.Set(0, 5, {8, 4, 24, 12, 0.75f});
  five.Set(1, 1, {3});
  forms.push_back({"boxes with their score", five});
  HeadTester six = Decoded();
  six.Output("output0", {3, 6}, {"Gather"});
  six.Set(0, 6, {8, 4, 24, 12, 0.75f, 3});
  forms.push_back({"rows of six", six});
  HeadTester seven = Decoded();
  seven.Output("output", {3, 7}, {"Gather"});
  seven.Set(0, 7, {0, 8, 4, 24, 12, 3, 0.75f});
  forms.push_back({"rows of seven", seven});
  HeadTester open = Decoded();
  open.Output("output0", {-1, -1}, {"Slice"}, 3).ResizeOutput(0, {3, 6});
  open.info().suppresses = true;
  open.Set(0, 6, {8, 4, 24, 12, 0.75f, 3});
  forms.push_back({"rows of a width that only a run tells", open});
  HeadTester counted = Decoded();
  counted.Output("count", {1}, {"Gather"}).Output("rows", {-1, 6}, {"Concat"}, 3);
  counted.info().outputs[0].type = engine::DataType::kInt32;
  counted.Set(0, 0, {2});
  counted.Set(1, 6, {3, 0.75f, 8, 4, 24, 12, 3, 0.9f, 8, 4, 24, 12});
  forms.push_back({"rows that begin with the class, and their number", counted});
  return forms;
}

// Boxes, scores of six classes and what was selected of them, four rows at most.
HeadTester Selected(std::vector<int64_t> boxes, std::vector<int64_t> scores) {
  HeadTester tester = Decoded();
  tester.Output("boxes", std::move(boxes), {"Mul"}, 3).Output("scores", std::move(scores), {}, 3);
  tester.Output("selected", {-1, 3}, {"NonMaxSuppression"}, 4);
  tester.info().outputs[2].type = engine::DataType::kInt64;
  tester.info().suppresses = true;
  return tester;
}

TEST(DecodedHead, ReadsEveryForm) {
  for (Form& form : Forms()) {
    SCOPED_TRACE(form.name);
    const auto found = form.tester.Decode("DECODED");
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    ExpectBox(found->items[0].box, {8, 4, 24, 12});
    EXPECT_FLOAT_EQ(found->items[0].score, 0.75f);
    EXPECT_EQ(found->items[0].class_index, 3);
    EXPECT_THAT(form.tester.MaskOf("DECODED", 0, {}).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no masks")));
    EXPECT_EQ(form.tester.Recognised(), "");  // what the numbers mean, no shape tells
    EXPECT_FALSE(RecogniseHead(form.tester.info()).possible.empty());
  }
}

TEST(DecodedHead, ReadsWhatItsSuppressionSelected) {
  const struct {
    const char* name;
    HeadTester tester;
    bool by_class;
  } cases[] = {
      {"fixed", Selected({3, 4}, {6, 3}), true},
      {"open boxes", Selected({-1, 4}, {6, -1}), true},
      {"scores of each box", Selected({-1, 4}, {-1, 6}), false},
      {"nothing known", Selected({-1, 4}, {-1, -1}), true},
  };
  for (auto [name, tester, by_class] : cases) {
    SCOPED_TRACE(name);
    tester.ResizeOutput(1, by_class ? std::vector<int64_t>{6, 3} : std::vector<int64_t>{3, 6});
    tester.Set(0, 4, {8, 4, 24, 12});
    tester.Set(1, by_class ? 3 * 3 + 1 : 6 + 3, {0.75f});
    tester.Set(1, by_class ? 5 * 3 + 1 : 6 + 5, {0.625f});
    // The same box as two classes; one that is not sure, another picture's, and no class's.
    tester.ResizeOutput(2, {6, 3});
    tester.Set(2, 0, {0, 3, 1, 0, 5, 1, 0, 0, 0, 1, 3, 1, 0, 6, 1, 0, 3, 3});
    const auto found = tester.Decode("DECODED");
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 2u);
    ExpectBox(found->items[0].box, {8, 4, 24, 12});
    EXPECT_EQ(found->items[0].class_index, 3);
    EXPECT_EQ(found->items[0].score, 0.75f);
    EXPECT_EQ(found->items[1].class_index, 5);
    HeadSpec spec;
    spec.background = true;
    const auto counted = tester.Decode("DECODED", 0.5f, spec);
    ASSERT_THAT(counted, IsOk());
    EXPECT_EQ(counted->items[0].class_index, 2);
    tester.ResizeOutput(2, {0, 3});
    const auto nothing = tester.Decode("DECODED");
    ASSERT_THAT(nothing, IsOk());
    EXPECT_TRUE(nothing->items.empty());
    tester.ResizeOutput(1, {5, 2});
    EXPECT_THAT(tester.Decode("DECODED").status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("differ in number")));
  }
}

TEST(DecodedHead, FindsNothingInRowsOfNoNumber) {
  for (Form& form : Forms()) {
    if (form.tester.info().suppresses) {
      continue;  // of a width that only a run tells: below
    }
    SCOPED_TRACE(form.name);
    for (size_t i = 0; i < form.tester.info().outputs.size(); ++i) {
      std::vector<int64_t> row;
      for (const engine::Dim& extent : form.tester.info().outputs[i].row) {
        row.push_back(extent.value == 3 || extent.value < 0 ? 0 : extent.value);
      }
      form.tester.ResizeOutput(i, row);
    }
    const auto found = form.tester.Decode("DECODED", 0.0f);
    ASSERT_THAT(found, IsOk());
    EXPECT_TRUE(found->items.empty());
  }
  HeadTester open = Decoded();
  open.Output("rows", {-1, -1}, {"Slice"});
  open.info().suppresses = true;
  open.ResizeOutput(0, {0, 6});
  const auto found = open.Decode("DECODED", 0.0f);
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->items.empty());
  open.ResizeOutput(0, {2, 9});
  EXPECT_THAT(open.Decode("DECODED").status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                        HasSubstr("got rows [2,9] for a picture")));
}

TEST(DecodedHead, IsTheOnlyOneForAModelThatSuppressesOverlapsItself) {
  HeadTester rows = Decoded();
  rows.Output("output", {-1, 7}, {"Concat"}, 3);
  EXPECT_GT(RecogniseHead(rows.info()).possible.size(), 1u);
  rows.info().suppresses = true;
  const HeadGuess guess = RecogniseHead(rows.info());
  ASSERT_EQ(guess.possible.size(), 1u);
  EXPECT_EQ(guess.possible[0]->name, "DECODED");
  EXPECT_THAT(rows.Decode("YOLO_V5").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("YOLO_V5 reads boxes before overlaps are suppressed")));
  EXPECT_THAT(rows.Decode("DECODED"), IsOk());
}

TEST(DecodedHead, KnowsEveryFormatAndLeavesOutTheBackground) {
  const struct {
    BoxFormat format;
    std::vector<float> values;
  } cases[] = {
      {BoxFormat::kCorners, {0.125f, 0.125f, 0.375f, 0.375f}},
      {BoxFormat::kCornersYFirst, {0.125f, 0.125f, 0.375f, 0.375f}},
      {BoxFormat::kCenterAndSize, {0.25f, 0.25f, 0.25f, 0.25f}},
      {BoxFormat::kCornerAndSize, {0.125f, 0.125f, 0.25f, 0.25f}},
  };
  for (const auto& [format, values] : cases) {
    HeadTester tester = Decoded();
    tester.Output("boxes", {2, 4}, {"Mul"}).Output("scores", {2, 3}, {"Softmax"});
    tester.Set(0, 0, values);
    tester.Set(1, 0, {0.1f, 0.2f, 0.7f, 0.9f, 0.05f, 0.05f});
    HeadSpec spec;
    spec.box_format = format;
    spec.normalized = true;
    spec.background = true;
    const auto found = tester.Decode("DECODED", 0.5f, spec);
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    ExpectBox(found->items[0].box, {8, 4, 24, 12});
    EXPECT_EQ(found->items[0].class_index, 1);
  }
}

TEST(DecodedHead, GivesMasksOfBoxesOrOfTheWholeInput) {
  const Box box = {8, 4, 24, 12};
  for (const bool whole : {false, true}) {
    const int64_t height = whole ? 32 : 2;
    const int64_t width = whole ? 64 : 3;
    HeadTester tester = Decoded();
    tester.Output("boxes", {3, 4}, {"Gather"}).Output("labels", {3}).Output("scores", {3});
    tester.Output("masks", {3, 1, height, width}, {"Sigmoid"});
    tester.Set(2, 1, {0.75f});
    tester.Set(3, height * width, {0.5f, 0.25f});
    const auto found = tester.Decode("DECODED");
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->items.size(), 1u);
    const auto scores = tester.MaskOf("DECODED", found->items[0].source, box);
    ASSERT_THAT(scores, IsOk());
    EXPECT_EQ(scores->width, width);
    EXPECT_EQ(scores->values[1], 0.25f);
    ExpectBox(scores->covers, whole ? Box{0, 0, 64, 32} : box);
    tester.ResizeOutput(3, {1, 1, height, width});
    EXPECT_THAT(tester.MaskOf("DECODED", 1, box).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want one for each")));
  }
}

TEST(DecodedHead, CombinesPrototypesOfRowsWithCoefficients) {
  HeadTester tester = Decoded();
  tester.Output("output0", {3, 6 + 2}, {"Gather"}).Output("output1", {2, 8, 16}, {"Sigmoid"});
  tester.Set(0, 8, {8, 4, 24, 12, 0.75f, 3, 2, -1});
  tester.values(1).assign(2 * 8 * 16, 3.0f);
  const auto found = tester.Decode("DECODED");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->items.size(), 1u);
  EXPECT_EQ(found->items[0].class_index, 3);
  ExpectBox(found->items[0].box, {8, 4, 24, 12});
  const auto scores = tester.MaskOf("DECODED", found->items[0].source, found->items[0].box);
  ASSERT_THAT(scores, IsOk());
  EXPECT_EQ(scores->values.front(), 2 * 3.0f - 3.0f);
  tester.ResizeOutput(1, {3, 8, 16});
  EXPECT_THAT(tester.MaskOf("DECODED", 1, {}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("prototypes: got")));
}

TEST(DecodedHead, LeavesOutWhatIsNoClassOrNoBox) {
  HeadTester tester = Decoded();
  tester.Output("rows", {4, 6}, {"Gather"});
  tester.Set(0, 0, {1, 1, 2, 2, 0.9f, -1});
  tester.Set(0, 6, {1, 1, 2, 2, 0.9f, 1e9f});
  tester.Set(0, 12, {1, 1, 2, 2, 0.9f, NAN});
  tester.Set(0, 18, {1, INFINITY, 2, 2, 0.9f, 0});
  const auto found = tester.Decode("DECODED");
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->items.empty());
}

TEST(DecodedHead, RefusesWhatHasNoScoresOrDiffersInNumber) {
  HeadTester boxes = Decoded();
  boxes.Output("boxes", {3, 4}, {"Gather"}).Output("labels", {3});
  EXPECT_THAT(boxes.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DECODED reads")));
  HeadTester wide = Decoded();
  wide.Output("output0", {-1, -1}, {"Slice"});  // nothing says that it suppresses overlaps itself
  EXPECT_THAT(wide.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DECODED reads")));
  HeadTester both = Selected({3, 4}, {6, 3});
  both.Output("labels", {3});
  EXPECT_THAT(both.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DECODED reads")));
  HeadTester open = Decoded();
  open.Output("dets", {-1, 5}, {"Gather"}, 3).Output("labels", {-1}, {"Gather"}, 2);
  EXPECT_THAT(open.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("differ in number")));
}

// Extents that only a run tells may be any, whatever the model declares.
TEST(DecodedHead, RefusesOutputsThatAreNoWholeNumberOfBoxes) {
  HeadTester by_class = Decoded();
  by_class.Output("boxes", {-1, 4}, {"Gather"}).Output("scores", {80, -1}, {"Sigmoid"});
  HeadTester scores = Decoded();
  scores.Output("boxes", {-1, 4}, {"Gather"}).Output("scores", {-1, 6}, {"Sigmoid"});
  HeadTester rows = Decoded();
  rows.Output("rows", {-1, 6}, {"Gather"});
  const struct {
    const char* name;
    HeadTester tester;
    size_t output;
    std::vector<int64_t> got;
    const char* message;
  } cases[] = {
      {"no boxes, but scores", by_class, 1, {10, 1}, "got [10,1], want 80 values for each box"},
      {"boxes, and scores of a part", by_class, 1, {81}, "got [81], want 80 values for each box"},
      {"scores of another width", scores, 1, {5}, "got [5], want 6 values for each box"},
      {"boxes of another width", scores, 0, {3, 3}, "got [3,3], want 4 values for each box"},
      {"no axis", rows, 0, {}, "got [], want 6 values for each box"},
      {"boxes to select of", Selected({-1, 4}, {-1, -1}), 0, {7}, "got [7], want 4 values"},
      {"half of what is selected", Selected({-1, 4}, {-1, -1}), 2, {4}, "got [4], want 3 values"},
  };
  for (auto [name, tester, output, got, message] : cases) {
    SCOPED_TRACE(name);
    tester.ResizeOutput(output, got);
    EXPECT_THAT(tester.Decode("DECODED", 0.0f).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(message)));
  }
}

TEST(DecodedHead, RefusesASelectionBesideClasses) {
  HeadTester tester = Decoded();
  tester.Output("boxes", {3, 4}, {"Gather"}).Output("scores", {3}).Output("labels", {3});
  tester.Output("selected", {-1, 3}, {"NonMaxSuppression"});
  tester.info().outputs[3].type = engine::DataType::kInt64;
  EXPECT_THAT(tester.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DECODED reads")));
}

TEST(DecodedHead, RefusesScoresForEachClassBesideClasses) {
  for (const int64_t width : {-1, 0, 6}) {
    HeadTester tester = Decoded();
    tester.Output("boxes", {-1, 4}, {"Gather"}).Output("scores", {-1, width}, {"Sigmoid"});
    tester.Output("labels", {-1}, {"Gather"});
    EXPECT_THAT(tester.Decode("DECODED").status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DECODED reads")));
  }
}

TEST(FindBestOfColumns, FindsNothingWhereThereAreNoColumns) {
  EXPECT_THAT(FindBestOfColumns({}, 0), IsEmpty());
  EXPECT_THAT(FindBestOfColumns({1, 2}, 0), IsEmpty());
}

}  // namespace
}  // namespace dnnd::server
