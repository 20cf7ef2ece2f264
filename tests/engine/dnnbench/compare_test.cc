#include "engine/dnnbench/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/dnnbench/data_set.h"
#include "engine/tensor/tensor.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Tensor Floats(const std::vector<float>& values) {
  return Tensor::Of<float>(Shape({static_cast<int64_t>(values.size())}), values);
}

int64_t Outside(const std::vector<float>& got, const std::vector<float>& want,
                const Tolerance& tolerance) {
  return Compare(Floats(got).view(), Floats(want).view(), tolerance)->outside;
}

TEST(Compare, AddsTheThreeTolerances) {
  const Tolerance none{0, 0, 0};
  EXPECT_EQ(Outside({1, 2}, {1, 2}, none), 0);
  EXPECT_EQ(Outside({1.5f, 2}, {1, 2}, none), 1);
  EXPECT_EQ(Outside({1.5f, 2}, {1, 2}, {0.5, 0, 0}), 0);
  EXPECT_EQ(Outside({0, 2.5f}, {0, 2}, {0, 0.25, 0}), 0);
  EXPECT_EQ(Outside({0.25f, 2}, {0, 2}, {0, 0.25, 0}), 1);
  EXPECT_EQ(Outside({0.5f, 10}, {0, 10}, {0, 0, 0.05}), 0);
  EXPECT_EQ(Outside({0.75f, 10}, {0, 10}, {0, 0, 0.05}), 1);
}

TEST(Compare, NaNsAndInfinitiesEqualThemselvesOnly) {
  const Tolerance wide{1e9, 1e9, 1e9};
  EXPECT_EQ(Outside({NAN, kInfinity, -kInfinity}, {NAN, kInfinity, -kInfinity}, wide), 0);
  EXPECT_EQ(Outside({NAN}, {1}, wide), 1);
  EXPECT_EQ(Outside({1}, {NAN}, wide), 1);
  EXPECT_EQ(Outside({kInfinity}, {1}, wide), 1);
  EXPECT_EQ(Outside({kInfinity}, {-kInfinity}, wide), 1);
}

TEST(Compare, SaysHowFarTheyAreApart) {
  const absl::StatusOr<Comparison> far =
      Compare(Floats({1, -8.5f}).view(), Floats({2, -8}).view(), Tolerance());
  ASSERT_THAT(far, IsOk());
  EXPECT_EQ(far->max_absolute, 1);
  EXPECT_EQ(far->max_relative, 0.5);
  EXPECT_EQ(far->range, 8);
  EXPECT_EQ(far->max_of_range, 0.125);
  EXPECT_EQ(far->outside, 2);
}

TEST(Compare, TypesShapesAndStringsMustBeEqual) {
  EXPECT_THAT(
      Compare(Floats({1}).view(), Tensor::Scalar<float>(1).view(), Tolerance()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got float32[1], wanted float32[]")));
  EXPECT_FALSE(
      Compare(Tensor::Scalar<int64_t>(1).view(), Tensor::Scalar<int32_t>(1).view(), Tolerance())
          .ok());
  EXPECT_THAT(Compare(Tensor::Scalar<std::string>("a").view(),
                      Tensor::Scalar<std::string>("b").view(), Tolerance()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"a\", wanted \"b\"")));
}

TEST(CompareOutputs, CountsAndNamesTheOutputs) {
  EXPECT_THAT(CompareOutputs({Floats({1})}, {}, Tolerance()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 1 outputs, wanted 0")));
  EXPECT_THAT(
      CompareOutputs({Floats({1}), Floats({1, 2})}, {Floats({1}), Floats({1})}, Tolerance()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("output 1")));
  EXPECT_EQ(
      CompareOutputs({Floats({1}), Floats({3})}, {Floats({2}), Floats({3})}, Tolerance())->outside,
      1);
}

// An error of 1 is all of the range of the first output, and nothing beside that of the second.
TEST(CompareOutputs, AnErrorIsHeldAgainstTheRangeOfItsOwnOutput) {
  const auto worst =
      CompareOutputs({Floats({2}), Floats({1000})}, {Floats({1}), Floats({1000})}, Tolerance());
  ASSERT_THAT(worst, IsOk());
  EXPECT_EQ(worst->max_of_range, 1);
  EXPECT_EQ(worst->range, 1000);
}

}  // namespace
}  // namespace dnnd::engine
