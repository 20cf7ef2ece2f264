#include "server/vision/instance_mask.h"

#include <gmock/gmock.h>

#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::testing::ElementsAre;

// A picture of 8 x 4 in an input of 16 x 16, letterboxed in the middle.
Geometry Letterboxed() {
  Geometry geometry;
  geometry.source_width = 8;
  geometry.source_height = 4;
  geometry.scale_x = geometry.scale_y = 2;
  geometry.offset_y = 4;
  return geometry;
}

TEST(CombinePrototypes, SumsWhatTheBoxNeedsAndNoMore) {
  std::vector<float> prototypes(2 * 4 * 8);
  for (size_t i = 0; i < prototypes.size(); ++i) {
    prototypes[i] = static_cast<float>(i);
  }
  // Cells of 2 x 4 pixels. The box lies in cell (4, 1); one more stands on each side.
  const InstanceScores scores = CombinePrototypes(engine::Shape({2, 4, 8}), prototypes, {10, -1},
                                                  {16, 16}, {8.5f, 4.5f, 9.5f, 7.5f});
  EXPECT_EQ(scores.width, 3);
  EXPECT_EQ(scores.height, 3);
  EXPECT_EQ(scores.scale, ScoreScale::kLogits);
  EXPECT_FLOAT_EQ(scores.covers.x_min, 6);
  EXPECT_FLOAT_EQ(scores.covers.y_min, 0);
  EXPECT_FLOAT_EQ(scores.covers.x_max, 12);
  EXPECT_FLOAT_EQ(scores.covers.y_max, 12);
  EXPECT_FLOAT_EQ(scores.values[0], 10 * 3 - (32 + 3));
  EXPECT_FLOAT_EQ(scores.values[8], 10 * 21 - (32 + 21));
}

TEST(CombinePrototypes, OfABoxBesideTheInputIsNotEmpty) {
  const std::vector<float> prototypes(4, 1.0f);
  for (const Box& box : {Box{-90, -90, -80, -80}, {80, 80, 90, 90}, {5, 5, 5, 5}}) {
    const InstanceScores scores =
        CombinePrototypes(engine::Shape({1, 2, 2}), prototypes, {1}, {16, 16}, box);
    EXPECT_GT(scores.width * scores.height, 0);
  }
}

TEST(MakeInstanceMask, HasThePixelsWhoseMiddlesLieInTheBox) {
  // The left half of the box.
  const InstanceScores scores = {{1, 0}, 1, 2, ScoreScale::kProbabilities, {2, 6, 10, 10}};
  const Box box = {1.4f, 1, 4.6f, 3};
  const auto mask = MakeInstanceMask(scores, box, Letterboxed(), InstanceMaskFormat::kRunLengths);
  ASSERT_THAT(mask, IsOk());
  EXPECT_THAT((std::vector<int>{mask->x, mask->y, mask->width, mask->height}),
              ElementsAre(1, 1, 4, 2));
  EXPECT_EQ(mask->pixels, 4);
  // Columns 1 and 2, rows 1 and 2 of 8 x 4. By hand: runs [5 2 2 2 21], told as 5, 2, 2, 2 - 2 and
  // 21 - 2, the last in two characters.
  EXPECT_EQ(mask->run_lengths, "5220c0");
  EXPECT_EQ(CountMaskPixels(box), 8);
  EXPECT_THAT(MakeInstanceMask(scores, box, Letterboxed(), InstanceMaskFormat::kPng)->png,
              ::testing::StartsWith("\x89PNG"));
}

TEST(MakeInstanceMask, OfABoxWithoutAMiddleIsEmpty) {
  const InstanceScores scores = {{1}, 1, 1, ScoreScale::kProbabilities, {2, 6, 3, 7}};
  for (const auto format : {InstanceMaskFormat::kRunLengths, InstanceMaskFormat::kPng}) {
    const auto mask = MakeInstanceMask(scores, {1.6f, 1.6f, 1.9f, 3}, Letterboxed(), format);
    ASSERT_THAT(mask, IsOk());
    EXPECT_EQ(mask->pixels, 0);
    EXPECT_EQ(mask->width, 0);
    EXPECT_EQ(mask->png, "");
  }
}

}  // namespace
}  // namespace dnnd::server
