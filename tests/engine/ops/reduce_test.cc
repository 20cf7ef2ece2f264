#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

constexpr double kRounding = 1e-6;

struct ReduceCase {
  std::string op;
  std::vector<int64_t> axes;
  std::vector<std::pair<std::string, Attribute>> attributes;
  Shape y;
  std::vector<float> elements;  // of [[1 -2 3] [4 5 -6]]
};

class ReduceTest : public testing::TestWithParam<ReduceCase> {};

TEST_P(ReduceTest, ReducesTheAxesGiven) {
  const ReduceCase& c = GetParam();
  OpTester tester(c.op);
  for (const auto& [name, value] : c.attributes) {
    tester.Attribute(name, value);
  }
  tester.Input<float>({2, 3}, {1, -2, 3, 4, 5, -6}).Input(Tensor::Int64s(c.axes));
  ExpectTensor<float>(tester.Run(), c.y, c.elements, kRounding);
}

const std::pair<std::string, Attribute> kDrop = {"keepdims", int64_t{0}};

INSTANTIATE_TEST_SUITE_P(
    Operators, ReduceTest,
    testing::Values(
        ReduceCase{"ReduceSum", {1}, {}, {2, 1}, {2, 3}},
        ReduceCase{"ReduceSum", {0}, {kDrop}, {3}, {5, 3, -3}},
        ReduceCase{"ReduceSum", {-1, 0}, {kDrop}, {}, {5}},
        ReduceCase{"ReduceSum", {}, {}, {1, 1}, {5}},
        ReduceCase{
            "ReduceSum", {}, {{"noop_with_empty_axes", int64_t{1}}}, {2, 3}, {1, -2, 3, 4, 5, -6}},
        ReduceCase{"ReduceMean", {1}, {}, {2, 1}, {2 / 3.0f, 1}},
        ReduceCase{"ReduceMax", {1}, {kDrop}, {2}, {3, 5}},
        ReduceCase{"ReduceMin", {0}, {}, {1, 3}, {1, -2, -6}},
        ReduceCase{"ReduceProd", {1}, {}, {2, 1}, {-6, -120}},
        ReduceCase{"ReduceL1", {1}, {}, {2, 1}, {6, 15}},
        ReduceCase{
            "ReduceL2", {0}, {kDrop}, {3}, {std::sqrt(17.0f), std::sqrt(29.0f), std::sqrt(45.0f)}},
        ReduceCase{"ReduceSumSquare", {1}, {}, {2, 1}, {14, 77}},
        ReduceCase{"ReduceLogSum", {1}, {}, {2, 1}, {std::log(2.0f), std::log(3.0f)}},
        ReduceCase{"ReduceLogSumExp",
                   {0},
                   {kDrop},
                   {3},
                   {4 + std::log1p(std::exp(-3.0f)), 5 + std::log1p(std::exp(-7.0f)),
                    3 + std::log1p(std::exp(-9.0f))}}),
    [](const auto& info) { return info.param.op + std::to_string(info.index); });

TEST(ReduceEdgesTest, IntegersStayIntegers) {
  ExpectTensor<int64_t>(OpTester("ReduceProd").Input<int64_t>({3}, {2, 3, -4}).Run(), {1}, {-24});
  ExpectTensor<int32_t>(OpTester("ReduceMax").Input<int32_t>({3}, {2, 3, -4}).Run(), {1}, {3});
}

TEST(ReduceEdgesTest, LargeExponentsDoNotOverflow) {
  ExpectTensor<float>(OpTester("ReduceLogSumExp").Input<float>({2}, {1000, 1000}).Run(), {1},
                      {1000 + std::log(2.0f)}, 1e-4);
  const float infinity = std::numeric_limits<float>::infinity();
  ExpectTensor<float>(OpTester("ReduceLogSumExp").Input<float>({2}, {-infinity, 0}).Run(), {1},
                      {0});
}

TEST(ReduceEdgesTest, AxesMustBeKnownAndInsideTheRank) {
  const auto code = [](OpTester& tester) { return tester.Infer().status().code(); };
  EXPECT_EQ(code(OpTester("ReduceSum").Input<float>({1}, {1}).Input(Tensor::Int64s({1}))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(OpTester("ReduceSum").Input<float>({1}, {1}).Input(Tensor::Int64s({0, 0}))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(OpTester("ReduceSum").Input<float>({1}, {1}).Input(Tensor::Int64s({0})).Unknown()),
            absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace dnnd::engine
