#include "server/vision/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace dnnd::server {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// A picture of this size that was stretched to the model's input.
Geometry Stretched(int width, int height, InputSize input) {
  Geometry geometry;
  geometry.source_width = width;
  geometry.source_height = height;
  geometry.scale_x = static_cast<double>(input.width) / width;
  geometry.scale_y = static_cast<double>(input.height) / height;
  return geometry;
}

TEST(MakeMask, TheBestClassWinsInEitherLayoutAndTheFirstOfEqualOnes) {
  // Cells: class 1, class 0, equal scores.
  const std::vector<float> planes = {0.1f, 0.9f, 0.5f, 0.8f, 0.2f, 0.5f};
  const std::vector<float> interleaved = {0.1f, 0.8f, 0.9f, 0.2f, 0.5f, 0.5f};
  const InputSize input{3, 1};
  for (const TensorLayout layout : {TensorLayout::kNchw, TensorLayout::kNhwc}) {
    const auto& values = layout == TensorLayout::kNchw ? planes : interleaved;
    Mask confidence;
    const Mask mask =
        MakeMask({values, 2, 1, 3, layout}, Stretched(3, 1, input), input, {}, &confidence);
    EXPECT_THAT(mask.values, ElementsAre(1, 0, 0));
    EXPECT_THAT(confidence.values, ElementsAre(204, 230, 128));
  }
}

TEST(MakeMask, NoNumberNeverWins) {
  const std::vector<float> values = {NAN, NAN, 1.0f, NAN};
  const InputSize input{2, 1};
  EXPECT_THAT(MakeMask({values, 2, 1, 2}, Stretched(2, 1, input), input, {}, nullptr).values,
              ElementsAre(1, 0));
}

TEST(MakeMask, LogitsBecomeProbabilitiesBySoftmax) {
  const std::vector<float> values = {2.0f, 1.0f, -1.0f};
  Mask confidence;
  ScoreMap map{values, 3, 1, 1};
  map.scale = ScoreScale::kLogits;
  MakeMask(map, Stretched(1, 1, {1, 1}), {1, 1}, {}, &confidence);
  const double wanted = std::exp(2) / (std::exp(2) + std::exp(1) + std::exp(-1));
  EXPECT_NEAR(confidence.values[0], 255 * wanted, 0.51);
}

TEST(MakeMask, ForegroundStartsAtTheThreshold) {
  const std::vector<float> values = {0.2f, 0.6f, 0.8f};
  const InputSize input{3, 1};
  ScoreMap map{values, 1, 1, 3};
  map.kind = ScoreKind::kForeground;
  SegmentOptions options;
  EXPECT_THAT(MakeMask(map, Stretched(3, 1, input), input, options, nullptr).values,
              ElementsAre(0, 1, 1));
  options.threshold = 0.7;
  EXPECT_THAT(MakeMask(map, Stretched(3, 1, input), input, options, nullptr).values,
              ElementsAre(0, 0, 1));
  map.scale = ScoreScale::kLogits;  // the logistic function of 0.8 is 0.69
  EXPECT_THAT(MakeMask(map, Stretched(3, 1, input), input, options, nullptr).values,
              ElementsAre(0, 0, 0));
}

TEST(MakeMask, OpacitiesAndIndicesAreTakenAsTheyAreWithinBounds) {
  const std::vector<float> opacities = {-1.0f, 0.5f, 2.0f};
  const InputSize input{3, 1};
  ScoreMap map{opacities, 1, 1, 3};
  map.kind = ScoreKind::kOpacity;
  EXPECT_THAT(MakeMask(map, Stretched(3, 1, input), input, {}, nullptr).values,
              ElementsAre(0, 128, 255));
  const std::vector<float> indices = {3.0f, 255.0f, 1e9f};
  map.values = indices;
  map.kind = ScoreKind::kClassIndex;
  EXPECT_THAT(MakeMask(map, Stretched(3, 1, input), input, {}, nullptr).values,
              ElementsAre(3, 255, 255));
}

TEST(MakeMask, ScoresAreInterpolatedBetweenCentresOrTakenFromTheNearestCell) {
  // Two cells over eight pixels: the scores cross in the middle between 0.9 and 0.4 of class 0.
  const std::vector<float> values = {0.9f, 0.4f, 0.1f, 0.6f};
  const InputSize input{2, 1};
  const Geometry geometry = Stretched(8, 1, input);
  SegmentOptions options;
  EXPECT_THAT(MakeMask({values, 2, 1, 2}, geometry, input, options, nullptr).values,
              ElementsAre(0, 0, 0, 0, 0, 1, 1, 1));
  options.resize = MaskResize::kNearest;
  EXPECT_THAT(MakeMask({values, 2, 1, 2}, geometry, input, options, nullptr).values,
              ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
}

TEST(MakeMask, WhatTheLetterboxPaddedIsLeftOut) {
  // 4 x 2 pixels in the middle rows of an input of 4 x 4; the padding says class 1.
  std::vector<float> values(2 * 16, 0.0f);
  for (int cell = 0; cell < 16; ++cell) {
    const bool padded = cell < 4 || cell >= 12;
    values[(padded ? 16 : 0) + cell] = 1.0f;
  }
  Geometry geometry;
  geometry.source_width = 4;
  geometry.source_height = 2;
  geometry.offset_y = 1;
  EXPECT_THAT(MakeMask({values, 2, 4, 4}, geometry, {4, 4}, {}, nullptr).values,
              ElementsAreArray(std::vector<uint8_t>(8, 0)));
}

// Against the plain formula: interpolate every class at every pixel, then choose.
TEST(MakeMask, AgreesWithInterpolationPixelByPixel) {
  constexpr int kClasses = 5;
  constexpr int kHeight = 7;
  constexpr int kWidth = 9;
  std::mt19937 random(4);
  std::uniform_real_distribution<float> score(-3, 3);
  std::vector<float> values(kClasses * kHeight * kWidth);
  for (float& value : values) {
    value = score(random);
  }
  const InputSize input{36, 28};
  const Geometry geometry = Stretched(50, 31, input);
  const Mask mask = MakeMask({values, kClasses, kHeight, kWidth}, geometry, input, {}, nullptr);
  const auto at = [&](int c, double y, double x) {
    y = std::min(std::max(y, 0.0), kHeight - 1.0);
    x = std::min(std::max(x, 0.0), kWidth - 1.0);
    const int top = static_cast<int>(y);
    const int left = static_cast<int>(x);
    const auto cell = [&](int row, int column) {
      return values[(c * kHeight + std::min(row, kHeight - 1)) * kWidth +
                    std::min(column, kWidth - 1)];
    };
    const double down = y - top;
    const double across = x - left;
    return (1 - down) * ((1 - across) * cell(top, left) + across * cell(top, left + 1)) +
           down * ((1 - across) * cell(top + 1, left) + across * cell(top + 1, left + 1));
  };
  int different = 0;
  for (int y = 0; y < 31; ++y) {
    for (int x = 0; x < 50; ++x) {
      int best = 0;
      for (int c = 1; c < kClasses; ++c) {
        const double row = (y + 0.5) * kHeight / 31 - 0.5;
        const double column = (x + 0.5) * kWidth / 50 - 0.5;
        best = at(c, row, column) > at(best, row, column) ? c : best;
      }
      different += mask.values[y * 50 + x] == best ? 0 : 1;
    }
  }
  EXPECT_LE(different, 2) << "scores that are equal but for rounding";
}

}  // namespace
}  // namespace dnnd::server
