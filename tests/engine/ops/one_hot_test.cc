// OneHot, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

template <typename Index>
absl::StatusOr<Tensor> OneHot(int64_t axis, const Shape& shape, const std::vector<Index>& indices,
                              const Tensor& depth) {
  return OpTester("OneHot")
      .Int("axis", axis)
      .Input(Tensor::Of<Index>(shape, indices))
      .Input(depth)
      .Input(Tensor::Of<float>({2}, {0, 9}))
      .Run();
}

Tensor Three() { return Tensor::Scalar<int64_t>(3); }

TEST(OneHotTest, SetsThePositionThatAnIndexNames) {
  ExpectTensor<float>(OneHot<int64_t>(-1, {2}, {0, 2}, Three()), {2, 3}, {9, 0, 0, 0, 0, 9});
  ExpectTensor<float>(OneHot<int64_t>(0, {2}, {0, 2}, Three()), {3, 2}, {9, 0, 0, 0, 0, 9});
  ExpectTensor<float>(OneHot<int32_t>(1, {1, 2}, {1, 0}, Three()), {1, 3, 2}, {0, 9, 9, 0, 0, 0});
  ExpectTensor<float>(OneHot<uint8_t>(-1, {}, {1}, Tensor::Of<float>({1}, {3})), {3}, {0, 9, 0});
}

TEST(OneHotTest, IndicesOutsideOfTheDepthSetNothing) {
  ExpectTensor<float>(OneHot<int64_t>(-1, {4}, {-1, -4, 3, INT64_MIN}, Three()), {4, 3},
                      {0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  ExpectTensor<float>(OneHot<uint64_t>(-1, {1}, {UINT64_MAX}, Three()), {1, 3}, {0, 0, 0});
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  ExpectTensor<float>(OneHot<float>(-1, {5}, {1, kNan, kInfinity, -kInfinity, 9.3e18f}, Three()),
                      {5, 3}, {0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST(OneHotTest, ValuesMayBeOfAnyType) {
  ExpectTensor<std::string>(OpTester("OneHot")
                                .Input<int64_t>({1}, {1})
                                .Input(Tensor::Scalar<int64_t>(2))
                                .Input<std::string>({2}, {"off", "on"})
                                .Run(),
                            {1, 2}, {"off", "on"});
}

TEST(OneHotTest, RefusesADepthThatIsNone) {
  const auto depth = [](const Tensor& depth) { return OneHot<int64_t>(-1, {1}, {0}, depth); };
  EXPECT_EQ(depth(Tensor::Scalar<int64_t>(-1)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(depth(Tensor::Scalar<int64_t>(INT64_MAX)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(depth(Tensor::Scalar(std::numeric_limits<float>::quiet_NaN())).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(depth(Tensor::Int64s({1, 2})), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      HasSubstr("wanted one element and two")));
  EXPECT_EQ(OneHot<int64_t>(2, {1}, {0}, Three()).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto unknown = OpTester("OneHot")
                           .Input<int64_t>({1}, {0})
                           .Input(Three())
                           .Unknown()
                           .Input<float>({2}, {0, 1})
                           .Infer();
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace dnnd::engine
