#include <gmock/gmock.h>

#include "tests/server/vision/head_tester.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

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
  return forms;
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
  HeadTester open = Decoded();
  open.Output("dets", {-1, 5}, {"Gather"}, 3).Output("labels", {-1}, {"Gather"}, 2);
  EXPECT_THAT(open.Decode("DECODED").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("differ in number")));
}

}  // namespace
}  // namespace dnnd::server
