// CumSum, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

struct CumSumCase {
  std::string name;
  int64_t axis, exclusive, reverse;
  std::vector<float> sums;
};

class CumSumTest : public ::testing::TestWithParam<CumSumCase> {};

// Of [[1 2 3] [4 5 6]].
TEST_P(CumSumTest, AddsUpAlongItsAxis) {
  const CumSumCase& c = GetParam();
  ExpectTensor<float>(OpTester("CumSum")
                          .Int("exclusive", c.exclusive)
                          .Int("reverse", c.reverse)
                          .Input<float>({2, 3}, {1, 2, 3, 4, 5, 6})
                          .Input(Tensor::Scalar<int64_t>(c.axis))
                          .Run(),
                      {2, 3}, c.sums);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, CumSumTest,
    ::testing::Values(CumSumCase{"Rows", 1, 0, 0, {1, 3, 6, 4, 9, 15}},
                      CumSumCase{"Columns", 0, 0, 0, {1, 2, 3, 5, 7, 9}},
                      CumSumCase{"WithoutItself", -1, 1, 0, {0, 1, 3, 0, 4, 9}},
                      CumSumCase{"FromTheEnd", 1, 0, 1, {6, 5, 3, 15, 11, 6}},
                      CumSumCase{"FromTheEndWithoutItself", 0, 1, 1, {4, 5, 6, 0, 0, 0}}),
    [](const auto& info) { return info.param.name; });

TEST(CumSumEdgesTest, IntegersWrap) {
  ExpectTensor<int32_t>(
      OpTester("CumSum").Input<int32_t>({2}, {INT32_MAX, 1}).Input<int32_t>({1}, {0}).Run(), {2},
      {INT32_MAX, INT32_MIN});
}

TEST(CumSumEdgesTest, TheAxisIsOneOfTheInput) {
  const auto sum = [](const Tensor& axis) {
    return OpTester("CumSum").Input<float>({2}, {1, 2}).Input(axis).Run().status();
  };
  EXPECT_EQ(sum(Tensor::Scalar<int64_t>(1)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sum(Tensor::Scalar<int64_t>(INT64_MIN)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sum(Tensor::Scalar(0.0f)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(sum(Tensor::Int64s({0, 0})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted one element")));
}

}  // namespace
}  // namespace dnnd::engine
