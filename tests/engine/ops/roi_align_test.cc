// RoiAlign by properties of bilinear samples, and by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
// Sums of some tens of float32 products of numbers below 100.
constexpr double kRounding = 1e-4;

struct Form {
  std::string mode = "avg";
  std::string coordinates = "half_pixel";
  float scale = 1;
  int64_t samples = 0;
  int64_t rows = 1;
  int64_t columns = 1;
};

absl::StatusOr<Tensor> Align(const Form& form, const Tensor& map, const Tensor& regions,
                             const Tensor& pictures) {
  return OpTester("RoiAlign")
      .String("mode", form.mode)
      .String("coordinate_transformation_mode", form.coordinates)
      .Float("spatial_scale", form.scale)
      .Int("sampling_ratio", form.samples)
      .Int("output_height", form.rows)
      .Int("output_width", form.columns)
      .Input(map)
      .Input(regions)
      .Input(pictures)
      .Run();
}

float Plane(float x, float y) { return 2 * x - 3 * y + 5; }

// [2,2,20,30]: in the second channel of each picture twice the first, in the second picture minus.
Tensor Planes() {
  std::vector<float> elements;
  for (const float factor : {1.0f, 2.0f, -1.0f, -2.0f}) {
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 30; ++x) {
        elements.push_back(factor * Plane(static_cast<float>(x), static_cast<float>(y)));
      }
    }
  }
  return Tensor::Of<float>({2, 2, 20, 30}, elements);
}

struct PlaneCase {
  std::string name;
  Form form;
  float shift;  // of coordinates, by the way pixels are counted
};

class RoiAlignTest : public ::testing::TestWithParam<PlaneCase> {};

// Whatever the number of samples, the average of a plane over a bin is the plane at its middle.
TEST_P(RoiAlignTest, TheAverageOfAPlaneIsThatOfTheMiddle) {
  const PlaneCase& c = GetParam();
  const std::vector<float> region = {5, 4, 44, 31};
  std::vector<float> want;
  for (const float factor : {-1.0f, -2.0f, 1.0f, 2.0f}) {
    for (int64_t row = 0; row < c.form.rows; ++row) {
      for (int64_t column = 0; column < c.form.columns; ++column) {
        const float x = region[0] + (region[2] - region[0]) * (static_cast<float>(column) + 0.5f) /
                                        static_cast<float>(c.form.columns);
        const float y = region[1] + (region[3] - region[1]) * (static_cast<float>(row) + 0.5f) /
                                        static_cast<float>(c.form.rows);
        want.push_back(factor * Plane(x * c.form.scale - c.shift, y * c.form.scale - c.shift));
      }
    }
  }
  std::vector<float> regions = region;
  regions.insert(regions.end(), region.begin(), region.end());
  ExpectTensor<float>(
      Align(c.form, Planes(), Tensor::Of<float>({2, 4}, regions), Tensor::Int64s({1, 0})),
      {2, 2, c.form.rows, c.form.columns}, want, kRounding);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RoiAlignTest,
    ::testing::Values(
        PlaneCase{"OneSampleAPixel", {.scale = 0.5f, .rows = 7, .columns = 5}, 0.5f},
        PlaneCase{"TwoSamples", {.scale = 0.5f, .samples = 2, .rows = 3, .columns = 14}, 0.5f},
        PlaneCase{"OneBin", {.scale = 0.5f}, 0.5f},
        PlaneCase{"MoreBinsThanPixels", {.scale = 0.25f, .rows = 9, .columns = 20}, 0.5f},
        PlaneCase{"WithoutHalfPixel",
                  {.coordinates = "output_half_pixel", .scale = 0.5f, .rows = 4, .columns = 4},
                  0}),
    [](const auto& info) { return info.param.name; });

// [[1 2] [3 4]]
Tensor Four() { return Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}); }

absl::StatusOr<Tensor> AlignOne(const Form& form, const std::vector<float>& region) {
  return Align(form, Four(), Tensor::Of<float>({1, 4}, region), Tensor::Int64s({0}));
}

TEST(RoiAlignEdgesTest, TheLargestIsThatOfWeightedNeighbours) {
  // One sample, halfway between all four pixels, and one upon the last.
  ExpectTensor<float>(AlignOne({.mode = "max", .samples = 1}, {0.5f, 0.5f, 1.5f, 1.5f}),
                      {1, 1, 1, 1}, {1});
  ExpectTensor<float>(AlignOne({.mode = "max", .samples = 1}, {1, 1, 2, 2}), {1, 1, 1, 1}, {4});
}

TEST(RoiAlignEdgesTest, WithoutHalfPixelARegionIsAPixelWide) {
  const std::vector<float> point = {0, 0, 0, 0};
  ExpectTensor<float>(AlignOne({.coordinates = "output_half_pixel"}, point), {1, 1, 1, 1}, {2.5f});
  ExpectTensor<float>(AlignOne({}, point), {1, 1, 1, 1}, {0});
}

TEST(RoiAlignEdgesTest, SamplesOutsideOfTheMapAreZeros) {
  // Columns -3, -2, -1, 0 and 1 halfway between the rows [1 2] and [3 4]: two lie left of the map,
  // a third on its edge.
  ExpectTensor<float>(AlignOne({}, {-3, 0.5f, 2, 1.5f}), {1, 1, 1, 1}, {(2.0f + 2 + 3) / 5});
  ExpectTensor<float>(AlignOne({}, {50, 50, 60, 60}), {1, 1, 1, 1}, {0});
  ExpectTensor<float>(AlignOne({.mode = "max"}, {-90, -90, -80, -80}), {1, 1, 1, 1}, {0});
}

TEST(RoiAlignEdgesTest, RegionsThatAreNoneAreZeros) {
  constexpr float kHuge = 3e38f;
  const std::vector<std::vector<float>> regions = {
      {kNan, 0, 1, 1}, {0, 0, 1, kNan},        {-kInfinity, 0, 1, 1}, {0, 0, kInfinity, 1},
      {1, 1, 0, 0},    {-kHuge, -kHuge, 1, 1}, {-kHuge, 0, kHuge, 1}, {0, 0, 1e9f, 1e9f},
  };
  for (const char* mode : {"avg", "max"}) {
    for (const std::vector<float>& region : regions) {
      ExpectTensor<float>(AlignOne({.mode = mode}, region), {1, 1, 1, 1}, {0});
    }
  }
}

TEST(RoiAlignEdgesTest, NothingOfNothing) {
  const auto zeros = [](const Shape& shape) {
    return Tensor::Create(DataType::kFloat32, shape).value();
  };
  ExpectTensor<float>(Align({}, Four(), zeros({0, 4}), Tensor::Int64s({})), {0, 1, 1, 1}, {});
  ExpectTensor<float>(Align({}, zeros({1, 1, 0, 5}), zeros({1, 4}), Tensor::Int64s({0})),
                      {1, 1, 1, 1}, {0});
  ExpectTensor<float>(Align({}, zeros({1, 0, 5, 5}), zeros({1, 4}), Tensor::Int64s({0})),
                      {1, 0, 1, 1}, {});
}

TEST(RoiAlignEdgesTest, ManyRegionsAreAsEachByItself) {
  constexpr int64_t kRegions = 3000;  // for more than one thread
  std::vector<float> regions;
  for (int64_t i = 0; i < kRegions; ++i) {
    const float x = static_cast<float>(i % 23);
    const float y = static_cast<float>(i % 13);
    regions.insert(regions.end(), {x, y, x + 5, y + 4});
  }
  const Form form = {.rows = 2, .columns = 3};
  const auto all = Align(form, Planes(), Tensor::Of<float>({kRegions, 4}, regions),
                         Tensor::Int64s(std::vector<int64_t>(kRegions, 1)));
  ASSERT_TRUE(all.ok()) << all.status();
  for (const int64_t i : {int64_t{0}, int64_t{7}, kRegions / 2, kRegions - 1}) {
    const std::vector<float> region(regions.begin() + i * 4, regions.begin() + i * 4 + 4);
    const float* part = all->data<float>() + i * 12;
    ExpectTensor<float>(
        Align(form, Planes(), Tensor::Of<float>({1, 4}, region), Tensor::Int64s({1})), {1, 2, 2, 3},
        std::vector<float>(part, part + 12));
  }
}

TEST(RoiAlignRefusalTest, PicturesMustBeThere) {
  for (const int64_t picture : {int64_t{1}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(
        Align({}, Four(), Tensor::Of<float>({1, 4}, {0, 0, 1, 1}), Tensor::Int64s({picture})),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there are 1")));
  }
}

TEST(RoiAlignRefusalTest, ShapesAndAttributesMustFit) {
  const std::vector<float> region = {0, 0, 1, 1};
  const auto message = [](const absl::StatusOr<Tensor>& got) {
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(got.status().message());
  };
  EXPECT_THAT(message(AlignOne({.mode = "sum"}, region)), HasSubstr("mode is \"sum\""));
  EXPECT_THAT(message(AlignOne({.coordinates = "pixel"}, region)), HasSubstr("\"pixel\""));
  EXPECT_THAT(message(AlignOne({.samples = -1}, region)), HasSubstr("sampling_ratio is -1"));
  EXPECT_THAT(message(AlignOne({.samples = INT64_MAX}, region)), HasSubstr("sampling_ratio"));
  message(AlignOne({.rows = -1}, region));
  message(AlignOne({.rows = INT64_MAX, .columns = INT64_MAX}, region));
  const Tensor regions = Tensor::Of<float>({1, 4}, region);
  const Tensor pictures = Tensor::Int64s({0});
  EXPECT_THAT(message(Align({}, Four().Reshaped({1, 2, 2}), regions, pictures)),
              HasSubstr("the map is [1,2,2]"));
  EXPECT_THAT(message(Align({}, Four(), regions.Reshaped({2, 2}), pictures)),
              HasSubstr("regions are [2,2]"));
  EXPECT_THAT(message(Align({}, Four(), regions, Tensor::Int64s({0, 0}))),
              HasSubstr("their pictures [2]"));
  EXPECT_THAT(message(Align({}, Four(), regions, Tensor::Of<float>({1}, {0}))),
              HasSubstr("input 2"));
  message(Align({}, Four(), Tensor::Of<double>({1, 4}, {0, 0, 1, 1}), pictures));
}

}  // namespace
}  // namespace dnnd::engine
