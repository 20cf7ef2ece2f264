// Resize by values of the definition, in double precision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

// Positions are single precision by intention; blends of a few numbers below 16.
constexpr double kTolerance = 2e-5;

OpTester Resizer(const std::string& mode, const std::string& coordinates) {
  OpTester tester("Resize");
  tester.String("mode", mode).String("coordinate_transformation_mode", coordinates);
  return tester;
}

absl::StatusOr<Tensor> WithScales(OpTester tester, Tensor input, std::vector<float> scales) {
  const int64_t count = static_cast<int64_t>(scales.size());
  return tester.Input(std::move(input))
      .Absent()
      .Input(Tensor::Of<float>(Shape({count}), scales))
      .Run();
}

absl::StatusOr<Tensor> WithSizes(OpTester tester, Tensor input, std::vector<int64_t> sizes) {
  return tester.Input(std::move(input)).Absent().Absent().Input(Tensor::Int64s(sizes)).Run();
}

Tensor Row(std::vector<float> values) {
  const Shape shape({static_cast<int64_t>(values.size())});
  return Tensor::Of<float>(shape, values);
}

TEST(ResizeTest, NearestModesBreakTiesDifferently) {
  // Half-pixel positions of 3 → 2: 0.25 and 1.75; asymmetric of 4 → 8 by 2: 0, 0.5, 1, 1.5 …
  const struct {
    const char* nearest_mode;
    std::vector<float> want;
  } cases[] = {{"round_prefer_floor", {1, 1, 2, 2}},
               {"round_prefer_ceil", {1, 2, 2, 2}},
               {"floor", {1, 1, 2, 2}},
               {"ceil", {1, 2, 2, 2}}};
  for (const auto& c : cases) {
    OpTester tester = Resizer("nearest", "asymmetric");
    tester.String("nearest_mode", c.nearest_mode);
    SCOPED_TRACE(c.nearest_mode);
    ExpectTensor<float>(WithScales(tester, Row({1, 2}), {2}), {4}, c.want);
  }
}

struct PositionCase {
  const char* coordinates;
  std::function<double(int64_t i, double in, double out)> position;
};

// Linear interpolation of [0,1,2,3,4] is the position itself, within the ends.
TEST(ResizeTest, LinearFollowsEveryCoordinateMode) {
  const PositionCase cases[] = {
      {"half_pixel", [](int64_t i, double in, double out) { return (i + 0.5) * in / out - 0.5; }},
      {"half_pixel_symmetric",
       [](int64_t i, double in, double out) { return (i + 0.5) * in / out - 0.5; }},
      {"pytorch_half_pixel",
       [](int64_t i, double in, double out) { return out > 1 ? (i + 0.5) * in / out - 0.5 : 0; }},
      {"align_corners",
       [](int64_t i, double in, double out) { return out > 1 ? i * (in - 1) / (out - 1) : 0; }},
      {"asymmetric", [](int64_t i, double in, double out) { return i * in / out; }},
      {"tf_half_pixel_for_nn",
       [](int64_t i, double in, double out) { return (i + 0.5) * in / out; }},
  };
  for (const PositionCase& c : cases) {
    for (const int64_t out : {1, 3, 4, 10}) {
      std::vector<float> want;
      for (int64_t i = 0; i < out; ++i) {
        const double position = c.position(i, 5, static_cast<double>(out));
        want.push_back(static_cast<float>(std::fmin(std::fmax(position, 0), 4)));
      }
      SCOPED_TRACE(testing::Message() << c.coordinates << " to " << out);
      ExpectTensor<float>(WithSizes(Resizer("linear", c.coordinates), Row({0, 1, 2, 3, 4}), {out}),
                          {out}, want, kTolerance);
    }
  }
}

TEST(ResizeTest, LinearIsSeparable) {
  ExpectTensor<float>(
      WithScales(Resizer("linear", "half_pixel"), Tensor::Of<float>(Shape({2, 2}), {1, 2, 3, 4}),
                 {2, 2}),
      {4, 4}, {1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4},
      kTolerance);
}

TEST(ResizeTest, CubicReproducesALineInside) {
  // Keys' kernel with -1/2 is exact for straight lines away from the ends.
  OpTester tester = Resizer("cubic", "half_pixel");
  tester.Float("cubic_coeff_a", -0.5f);
  const auto got = WithScales(tester, Row({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), {2});
  ASSERT_TRUE(got.ok()) << got.status();
  for (int64_t i = 5; i < 15; ++i) {
    EXPECT_NEAR(got->data<float>()[i], (i + 0.5) / 2 - 0.5, kTolerance);
  }
}

TEST(ResizeTest, CubicWithoutTheOutsideNormalisesItsWeights) {
  OpTester tester = Resizer("cubic", "half_pixel");
  tester.Int("exclude_outside", 1);
  ExpectTensor<float>(WithScales(tester, Row({3, 3, 3}), {2}), {6}, {3, 3, 3, 3, 3, 3}, kTolerance);
}

TEST(ResizeTest, CropTakesTheRegionAndExtrapolatesOutside) {
  OpTester tester = Resizer("linear", "tf_crop_and_resize");
  tester.Float("extrapolation_value", 9);
  ExpectTensor<float>(tester.Input(Row({0, 1, 2, 3, 4}))
                          .Input<float>({2}, {0.5f, 1.25f})
                          .Absent()
                          .Input(Tensor::Int64s({4}))
                          .Run(),
                      {4}, {2, 3, 4, 9}, kTolerance);
}

TEST(ResizeTest, KeepsTheAspectRatioWhenAsked) {
  const auto shape = [](const char* policy) {
    OpTester tester = Resizer("nearest", "half_pixel");
    tester.String("keep_aspect_ratio_policy", policy).Ints("axes", {1, 2});
    const auto got =
        WithSizes(tester, Tensor::Create(DataType::kFloat32, Shape({2, 4, 8})).value(), {8, 8});
    return got.ok() ? got->shape().ToString() : got.status().ToString();
  };
  EXPECT_EQ(shape("stretch"), "[2,8,8]");
  EXPECT_EQ(shape("not_larger"), "[2,4,8]");
  EXPECT_EQ(shape("not_smaller"), "[2,8,16]");
}

TEST(ResizeTest, NearestTakesIntegers) {
  ExpectTensor<uint8_t>(WithScales(Resizer("nearest", "asymmetric"),
                                   Tensor::Of<uint8_t>(Shape({1, 2}), {7, 200}), {2, 2}),
                        {2, 4}, {7, 7, 200, 200, 7, 7, 200, 200});
}

TEST(ResizeTest, RefusesWhatItCannotDo) {
  OpTester antialias = Resizer("linear", "half_pixel");
  antialias.Int("antialias", 1);
  EXPECT_EQ(WithScales(antialias, Row({1, 2}), {2}).status().code(),
            absl::StatusCode::kUnimplemented);
  const auto code = [](std::vector<float> scales) {
    return WithScales(Resizer("linear", "half_pixel"), Row({1, 2}), std::move(scales))
        .status()
        .code();
  };
  EXPECT_EQ(code({0}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({-1}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({NAN}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({1e30f}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({1, 1}), absl::StatusCode::kInvalidArgument);
  // Tables of positions for such an axis would be hundreds of gigabytes.
  EXPECT_EQ(code({1e9f}), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(Resizer("linear", "half_pixel").Input(Row({1, 2})).Infer().status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
