// NonMaxSuppression by values worked out by hand, and by the plain definition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <random>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Limits {
  std::optional<int64_t> most = 10;
  std::optional<float> overlap = 0.5f;
  std::optional<float> score;
};

absl::StatusOr<Tensor> Suppress(const Tensor& boxes, const Tensor& scores, const Limits& limits,
                                int64_t center_point_box = 0) {
  OpTester tester("NonMaxSuppression");
  tester.Int("center_point_box", center_point_box).Input(boxes).Input(scores);
  limits.most ? tester.Input<int64_t>({1}, {*limits.most}) : tester.Absent();
  limits.overlap ? tester.Input<float>({1}, {*limits.overlap}) : tester.Absent();
  limits.score ? tester.Input<float>({}, {*limits.score}) : tester.Absent();
  return tester.Run();
}

// Four boxes of a row: 0 and 1 share 9 of 11 parts, 2 touches 1, 3 is far away.
const Tensor& Row() {
  static const auto* boxes = new Tensor(
      Tensor::Of<float>({1, 4, 4}, {0, 0, 1, 10, 0, 1, 1, 11, 0, 11, 1, 21, 0, 50, 1, 60}));
  return *boxes;
}

struct RowCase {
  std::string name;
  std::vector<float> scores;
  Limits limits;
  std::vector<int64_t> boxes;
};

class NonMaxSuppressionTest : public ::testing::TestWithParam<RowCase> {};

TEST_P(NonMaxSuppressionTest, SelectsByDescendingScore) {
  const RowCase& c = GetParam();
  std::vector<int64_t> want;
  for (const int64_t box : c.boxes) {
    want.insert(want.end(), {0, 0, box});
  }
  ExpectTensor<int64_t>(Suppress(Row(), Tensor::Of<float>({1, 1, 4}, c.scores), c.limits),
                        {static_cast<int64_t>(c.boxes.size()), 3}, want);
}

const std::vector<float> kScores = {0.9f, 0.8f, 0.7f, 0.95f};

INSTANTIATE_TEST_SUITE_P(
    Cases, NonMaxSuppressionTest,
    ::testing::Values(
        RowCase{"OverlapsGo", kScores, {}, {3, 0, 2}},
        RowCase{"OfEqualScoresTheLowerIndexIsFirst", {1, 1, 1, 1}, {}, {0, 2, 3}},
        RowCase{"ZerosOfEitherSignAreEqual", {-0.0f, 0, -0.0f, 0}, {}, {0, 2, 3}},
        RowCase{"NoMoreThanTheLimit", kScores, {.most = 2}, {3, 0}},
        RowCase{"AHugeLimitIsNoMemory", kScores, {.most = INT64_MAX}, {3, 0, 2}},
        RowCase{"ALimitOfNone", kScores, {.most = 0}, {}},
        RowCase{"ANegativeLimit", kScores, {.most = INT64_MIN}, {}},
        RowCase{"NoLimitGiven", kScores, {.most = {}}, {}},
        RowCase{"WithoutAThresholdAnyOverlapGoes", kScores, {.overlap = {}}, {3, 0, 2}},
        RowCase{
            "AnOverlapOfExactlyTheThresholdStays", kScores, {.overlap = 9 / 11.0f}, {3, 0, 1, 2}},
        RowCase{"AThresholdOfOneSuppressesNothing", kScores, {.overlap = 1}, {3, 0, 1, 2}},
        RowCase{"AScoreOfExactlyTheThresholdGoes", kScores, {.score = 0.8f}, {3, 0}},
        RowCase{"NothingAboveTheThreshold", kScores, {.score = 2}, {}},
        RowCase{"NotANumberIsNeverSelected", {kNan, 0.5f, kNan, 0.1f}, {}, {1, 3}},
        RowCase{"NorWithAThreshold", {kNan, 0.5f, kNan, 0.1f}, {.score = -kInfinity}, {1, 3}},
        RowCase{
            "InfinitiesAreScores", {-kInfinity, -kInfinity, kInfinity, -kInfinity}, {}, {2, 0, 3}}),
    [](const auto& info) { return info.param.name; });

TEST(NonMaxSuppressionFormatTest, CornersComeInEitherOrder) {
  const Tensor flipped = Tensor::Of<float>({1, 3, 4}, {1, 10, 0, 0, 0, 11, 1, 1, 1, 11, 0, 21});
  ExpectTensor<int64_t>(Suppress(flipped, Tensor::Of<float>({1, 1, 3}, {3, 2, 1}), {}), {2, 3},
                        {0, 0, 0, 0, 0, 2});
}

TEST(NonMaxSuppressionFormatTest, CentersComeWithSizes) {
  // Width before height: as corners, the second would lie inside the first.
  const Tensor boxes = Tensor::Of<float>({1, 3, 4}, {5, 5, 10, 2, 5, 8, 10, 2, 5, 5.2f, 10, 2});
  ExpectTensor<int64_t>(Suppress(boxes, Tensor::Of<float>({1, 1, 3}, {3, 2, 1}), {}, 1), {2, 3},
                        {0, 0, 0, 0, 0, 1});
}

TEST(NonMaxSuppressionFormatTest, ResultsAreByPictureThenClass) {
  const Tensor boxes = Tensor::Of<float>({2, 2, 4}, {0, 0, 1, 1, 0, 0, 1, 1,  //
                                                     0, 0, 1, 1, 5, 5, 6, 6});
  const Tensor scores = Tensor::Of<float>({2, 2, 2}, {1, 2, 4, 3, 1, 2, 4, 3});
  ExpectTensor<int64_t>(Suppress(boxes, scores, {}), {6, 3},
                        {0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1});
}

TEST(NonMaxSuppressionFormatTest, BoxesWithoutAnAreaOverlapNothing) {
  const Tensor boxes =
      Tensor::Of<float>({1, 5, 4}, {0, 0, 1, 1, 0, 0, 0,         1,        0, 0, kNan, 1,  //
                                    0, 0, 1, 1, 0, 0, kInfinity, kInfinity});
  ExpectTensor<int64_t>(
      Suppress(boxes, Tensor::Of<float>({1, 1, 5}, {5, 4, 3, 2, 1}), {.overlap = 0.0f}), {4, 3},
      {0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 4});
}

TEST(NonMaxSuppressionFormatTest, NothingOfNothing) {
  for (const auto& [boxes, scores] : std::vector<std::pair<Shape, Shape>>{
           {{0, 4, 4}, {0, 2, 4}}, {{1, 0, 4}, {1, 2, 0}}, {{1, 4, 4}, {1, 0, 4}}}) {
    ExpectTensor<int64_t>(Suppress(Tensor::Create(DataType::kFloat32, boxes).value(),
                                   Tensor::Create(DataType::kFloat32, scores).value(), {}),
                          {0, 3}, {});
  }
}

// Intersection over union of boxes [y1,x1,y2,x2].
float Overlap(const float* a, const float* b) {
  const float height = std::min(a[2], b[2]) - std::max(a[0], b[0]);
  const float width = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  const float both = std::max(height, 0.0f) * std::max(width, 0.0f);
  const float either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both;
  return both / either;
}

// Enough boxes that they are sorted part by part, and compared over several blocks.
TEST(NonMaxSuppressionFormatTest, AgreesWithTheDefinition) {
  constexpr int64_t kBoxes = 3000;
  std::mt19937 random(5);
  std::uniform_real_distribution<float> place(0, 500);
  std::uniform_real_distribution<float> size(5, 60);
  std::uniform_int_distribution<int> score(0, 999);
  std::vector<float> boxes;
  std::vector<float> scores;
  for (int64_t i = 0; i < kBoxes; ++i) {
    const float y = place(random);
    const float x = place(random);
    boxes.insert(boxes.end(), {y, x, y + size(random), x + size(random)});
    scores.push_back(static_cast<float>(score(random)));
  }
  std::vector<int64_t> order(kBoxes);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  for (const float least : {-1.0f, 500.0f, 990.0f}) {
    std::vector<int64_t> kept;
    std::vector<int64_t> want;
    for (const int64_t box : order) {
      if (scores[box] > least && std::none_of(kept.begin(), kept.end(), [&](int64_t other) {
            return Overlap(&boxes[box * 4], &boxes[other * 4]) > 0.3f;
          })) {
        kept.push_back(box);
        want.insert(want.end(), {0, 0, box});
      }
    }
    ExpectTensor<int64_t>(Suppress(Tensor::Of<float>({1, kBoxes, 4}, boxes),
                                   Tensor::Of<float>({1, 1, kBoxes}, scores),
                                   {.most = kBoxes, .overlap = 0.3f, .score = least}),
                          {static_cast<int64_t>(kept.size()), 3}, want);
  }
}

TEST(NonMaxSuppressionRefusalTest, ShapesAndTypesMustFit) {
  const Tensor scores = Tensor::Of<float>({1, 1, 4}, kScores);
  const auto shape = [](DataType type, const Shape& shape) {
    return Tensor::Create(type, shape).value();
  };
  const std::pair<Tensor, Tensor> wrong[] = {
      {shape(DataType::kFloat32, {4, 4}), scores},
      {shape(DataType::kFloat32, {1, 4, 5}), scores},
      {shape(DataType::kFloat32, {2, 4, 4}), scores},
      {shape(DataType::kFloat32, {1, 3, 4}), scores},
      {shape(DataType::kFloat64, {1, 4, 4}), scores},
      {Row(), shape(DataType::kFloat32, {4})},
      {Row(), shape(DataType::kFloat32, {1, 4, 1})},
      {Row(), shape(DataType::kInt64, {1, 1, 4})},
  };
  for (const auto& [boxes, given] : wrong) {
    EXPECT_THAT(Suppress(boxes, given, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("boxes are ")));
  }
}

TEST(NonMaxSuppressionRefusalTest, LimitsMustBeSingleAndInRange) {
  const Tensor scores = Tensor::Of<float>({1, 1, 4}, kScores);
  for (const float overlap : {-0.1f, 1.1f, kNan, kInfinity}) {
    EXPECT_THAT(Suppress(Row(), scores, {.overlap = overlap}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted 0 to 1")));
  }
  EXPECT_THAT(Suppress(Row(), scores, {.score = kNan}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a number")));
  EXPECT_THAT(Suppress(Row(), scores, {}, 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("center_point_box is 2")));
  EXPECT_THAT(
      OpTester("NonMaxSuppression").Input(Row()).Input(scores).Input<int64_t>({2}, {1, 2}).Run(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted one element")));
  EXPECT_THAT(
      OpTester("NonMaxSuppression").Input(Row()).Input(scores).Input<float>({1}, {1}).Run(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_output_boxes_per_class")));
}

}  // namespace
}  // namespace dnnd::engine
