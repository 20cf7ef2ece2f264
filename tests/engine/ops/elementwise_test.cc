#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

// float32 results of library functions against values written with seven digits.
constexpr double kRounding = 2e-6;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct UnaryCase {
  std::string op;
  std::vector<float> x;
  std::vector<float> y;
  std::vector<std::pair<std::string, Attribute>> attributes = {};
};

class UnaryTest : public testing::TestWithParam<UnaryCase> {};

TEST_P(UnaryTest, MapsEachElement) {
  const UnaryCase& c = GetParam();
  OpTester tester(c.op);
  for (const auto& [name, value] : c.attributes) {
    tester.Attribute(name, value);
  }
  const Shape shape({static_cast<int64_t>(c.x.size())});
  tester.Input<float>(shape, c.x);
  ExpectTensor<float>(tester.Run(), shape, c.y, kRounding);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, UnaryTest,
    testing::Values(
        UnaryCase{"Abs", {-2.5f, 0, 3}, {2.5f, 0, 3}}, UnaryCase{"Acos", {0, 1}, {1.5707963f, 0}},
        UnaryCase{"Asin", {0, 1}, {0, 1.5707963f}}, UnaryCase{"Atan", {0, 1}, {0, 0.7853982f}},
        UnaryCase{"Acosh", {1, 2}, {0, 1.3169579f}}, UnaryCase{"Asinh", {0, 1}, {0, 0.8813736f}},
        UnaryCase{"Atanh", {0, 0.5f}, {0, 0.5493061f}},
        UnaryCase{"Celu", {-1, 2}, {-0.8646647f * 0.5f, 2}, {{"alpha", 0.5f}}},
        UnaryCase{"Cos", {0, 1}, {1, 0.5403023f}}, UnaryCase{"Cosh", {0, 1}, {1, 1.5430806f}},
        UnaryCase{"Mish", {-1, 0, 1}, {-0.3034015f, 0, 0.8650984f}},
        UnaryCase{"Sin", {0, 1}, {0, 0.8414710f}}, UnaryCase{"Sinh", {0, 1}, {0, 1.1752012f}},
        UnaryCase{"Tan", {0, 1}, {0, 1.5574077f}},
        UnaryCase{"ThresholdedRelu", {-1, 1, 1.5f}, {0, 0, 1.5f}},
        UnaryCase{"Ceil", {-1.5f, 1.2f, 2}, {-1, 2, 2}},
        UnaryCase{"Elu", {-1, 0, 2}, {-0.3160603f, 0, 2}, {{"alpha", 0.5f}}},
        UnaryCase{"Erf", {-1, 0, 0.5f}, {-0.8427008f, 0, 0.5204999f}},
        UnaryCase{"Exp", {-1, 0, 1}, {0.3678794f, 1, 2.7182818f}},
        UnaryCase{"Floor", {-1.5f, 1.2f, 2}, {-2, 1, 2}},
        UnaryCase{"Gelu", {-1, 0, 1}, {-0.1586553f, 0, 0.8413447f}},
        UnaryCase{"Gelu", {-1, 0, 1}, {-0.1588080f, 0, 0.8411920f}, {{"approximate", "tanh"}}},
        UnaryCase{"HardSigmoid", {-4, 0, 1, 4}, {0, 0.5f, 0.7f, 1}},
        UnaryCase{"HardSwish", {-4, -1, 0, 1, 4}, {0, -1 / 3.0f, 0, 2 / 3.0f, 4}},
        UnaryCase{"LeakyRelu", {-2, 0, 3}, {-0.2f, 0, 3}, {{"alpha", 0.1f}}},
        UnaryCase{"LeakyRelu", {-2, 3}, {-0.02f, 3}},
        UnaryCase{"Log", {1, 2, 0}, {0, 0.6931472f, -kInfinity}},
        UnaryCase{"Neg", {-2, 0.5f}, {2, -0.5f}},
        UnaryCase{"Reciprocal", {-2, 4, 0}, {-0.5f, 0.25f, kInfinity}},
        UnaryCase{"Relu", {-2, 0, 3, kNan}, {0, 0, 3, kNan}},
        UnaryCase{"Round", {-2.5f, -1.5f, 0.5f, 1.5f, 2.2f}, {-2, -2, 0, 2, 2}},
        UnaryCase{"Selu", {-1, 0, 1}, {-1.1113307f, 0, 1.0507010f}},
        UnaryCase{"Sigmoid", {-100, 0, 1}, {0, 0.5f, 0.7310586f}},
        UnaryCase{"Sign", {-3, 0, 0.1f}, {-1, 0, 1}},
        UnaryCase{"Softplus", {-100, 0, 100}, {0, 0.6931472f, 100}},
        UnaryCase{"Softsign", {-1, 0, 3}, {-0.5f, 0, 0.75f}},
        UnaryCase{"Sqrt", {4, 2, -1}, {2, 1.4142136f, kNan}},
        UnaryCase{"Tanh", {-1, 0, 20}, {-0.7615942f, 0, 1}}),
    [](const auto& info) { return info.param.op + std::to_string(info.index); });

struct BinaryCase {
  std::string op;
  Shape a_shape;
  std::vector<float> a;
  Shape b_shape;
  std::vector<float> b;
  Shape y_shape;
  std::vector<float> y;
};

class BinaryTest : public testing::TestWithParam<BinaryCase> {};

TEST_P(BinaryTest, CombinesWithBroadcasting) {
  const BinaryCase& c = GetParam();
  ExpectTensor<float>(
      OpTester(c.op).Input<float>(c.a_shape, c.a).Input<float>(c.b_shape, c.b).Run(), c.y_shape,
      c.y, kRounding);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, BinaryTest,
    testing::Values(
        BinaryCase{"Add", {2, 2}, {1, 2, 3, 4}, {2, 2}, {10, 20, 30, 40}, {2, 2}, {11, 22, 33, 44}},
        BinaryCase{"Add", {2, 2}, {1, 2, 3, 4}, {}, {10}, {2, 2}, {11, 12, 13, 14}},
        BinaryCase{"Add", {2, 1}, {1, 2}, {1, 3}, {10, 20, 30}, {2, 3}, {11, 21, 31, 12, 22, 32}},
        BinaryCase{"Add", {1, 2, 2}, {1, 2, 3, 4}, {2, 1}, {10, 20}, {1, 2, 2}, {11, 12, 23, 24}},
        BinaryCase{"Sub", {2}, {1, 2}, {2, 2}, {1, 1, 2, 2}, {2, 2}, {0, 1, -1, 0}},
        BinaryCase{"Mul",
                   {1, 2, 1, 2},
                   {1, 2, 3, 4},
                   {2, 1, 1, 1},
                   {2, 3},
                   {2, 2, 1, 2},
                   {2, 4, 6, 8, 3, 6, 9, 12}},
        BinaryCase{"Mul", {0, 2}, {}, {2}, {1, 2}, {0, 2}, {}},
        BinaryCase{"Div", {2}, {1, -6}, {2}, {4, 4}, {2}, {0.25f, -1.5f}},
        BinaryCase{"Pow", {3}, {1, 2, 3}, {}, {2}, {3}, {1, 4, 9}},
        BinaryCase{"PRelu",
                   {1, 2, 2},
                   {-1, 2, -3, 4},
                   {2, 1},
                   {0.5f, 0.1f},
                   {1, 2, 2},
                   {-0.5f, 2, -0.3f, 4}},
        BinaryCase{"Max", {2}, {1, kNan}, {2}, {3, 1}, {2}, {3, kNan}},
        BinaryCase{"Min", {2, 1}, {1, 5}, {2}, {2, 3}, {2, 2}, {1, 1, 2, 3}},
        BinaryCase{"Mean", {2}, {1, 2}, {2}, {3, 5}, {2}, {2, 3.5f}},
        BinaryCase{"Sum", {2}, {1, 2}, {}, {1}, {2}, {2, 3}}),
    [](const auto& info) { return info.param.op + std::to_string(info.index); });

TEST(ElementwiseTest, MaxTakesOneInputAndMany) {
  ExpectTensor<float>(OpTester("Max").Input<float>({2}, {1, -1}).Run(), {2}, {1, -1});
  ExpectTensor<float>(OpTester("Max")
                          .Input<float>({2}, {1, -1})
                          .Input<float>({}, {0})
                          .Input<float>({2, 1}, {0.5f, 2})
                          .Run(),
                      {2, 2}, {1, 0.5f, 2, 2});
}

TEST(ElementwiseTest, ClipTakesItsBoundsFromInputsThatMayBeAbsent) {
  const Shape shape({4});
  const std::vector<float> x = {-kInfinity, -1, 1, kInfinity};
  ExpectTensor<float>(
      OpTester("Clip").Input<float>(shape, x).Input<float>({}, {-2}).Input<float>({}, {0.5f}).Run(),
      shape, {-2, -1, 0.5f, 0.5f});
  ExpectTensor<float>(OpTester("Clip").Input<float>(shape, x).Absent().Input<float>({}, {0}).Run(),
                      shape, {-kInfinity, -1, 0, 0});
  ExpectTensor<float>(OpTester("Clip").Input<float>(shape, x).Run(), shape, x);
  ExpectTensor<float>(
      OpTester("Clip").Input<float>(shape, x).Input<float>({}, {3}).Input<float>({}, {2}).Run(),
      shape, {2, 2, 2, 2});
}

TEST(ElementwiseTest, IntegersDivideTowardsZeroAndNeverTrap) {
  const int64_t lowest = std::numeric_limits<int64_t>::lowest();
  ExpectTensor<int64_t>(OpTester("Div")
                            .Input<int64_t>({4}, {-7, 7, 5, lowest})
                            .Input<int64_t>({4}, {2, 2, 0, -1})
                            .Run(),
                        {4}, {-3, 3, 0, lowest});
  ExpectTensor<int32_t>(
      OpTester("Mod").Input<int32_t>({4}, {-7, 7, 5, 6}).Input<int32_t>({4}, {3, -3, 0, -1}).Run(),
      {4}, {2, -2, 0, 0});
  ExpectTensor<int32_t>(OpTester("Mod")
                            .Int("fmod", 1)
                            .Input<int32_t>({2}, {-7, 7})
                            .Input<int32_t>({2}, {3, -3})
                            .Run(),
                        {2}, {-1, 1});
}

TEST(ElementwiseTest, ComparisonsGiveBool) {
  const auto compare = [](const char* op) {
    return OpTester(op).Input<int64_t>({3}, {1, 2, 3}).Input<int64_t>({}, {2}).Run();
  };
  ExpectTensor<bool>(compare("Equal"), {3}, {false, true, false});
  ExpectTensor<bool>(compare("Less"), {3}, {true, false, false});
  ExpectTensor<bool>(compare("LessOrEqual"), {3}, {true, true, false});
  ExpectTensor<bool>(compare("Greater"), {3}, {false, false, true});
  ExpectTensor<bool>(compare("GreaterOrEqual"), {3}, {false, true, true});
}

TEST(ElementwiseTest, LogicTakesBoolOnly) {
  const auto combine = [](const char* op) {
    return OpTester(op).Input<bool>({2, 1}, {false, true}).Input<bool>({2}, {false, true}).Run();
  };
  ExpectTensor<bool>(combine("And"), {2, 2}, {false, false, false, true});
  ExpectTensor<bool>(combine("Or"), {2, 2}, {false, true, true, true});
  ExpectTensor<bool>(combine("Xor"), {2, 2}, {false, true, true, false});
  ExpectTensor<bool>(OpTester("Not").Input<bool>({2}, {false, true}).Run(), {2}, {true, false});
  EXPECT_EQ(OpTester("Not").Input<float>({1}, {0}).Run().status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST(ElementwiseTest, WhereChoosesWithThreeWayBroadcasting) {
  ExpectTensor<int64_t>(OpTester("Where")
                            .Input<bool>({2, 1}, {true, false})
                            .Input<int64_t>({3}, {1, 2, 3})
                            .Input<int64_t>({}, {-1})
                            .Run(),
                        {2, 3}, {1, 2, 3, -1, -1, -1});
}

TEST(ElementwiseTest, PowTakesAnExponentOfAnotherType) {
  ExpectTensor<int64_t>(
      OpTester("Pow").Input<int64_t>({2}, {2, -3}).Input<float>({2}, {3, 2}).Run(), {2}, {8, 9});
}

TEST(ElementwiseTest, WhatDoesNotFitIsRefused) {
  const auto code = [](OpTester& tester) { return tester.Infer().status().code(); };
  EXPECT_EQ(code(OpTester("Add").Input<float>({2}, {1, 2}).Input<float>({3}, {1, 2, 3})),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(OpTester("Add").Input<float>({1}, {1}).Input<int64_t>({1}, {1})),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(OpTester("PRelu").Input<float>({1}, {1}).Input<float>({2}, {1, 1})),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      code(OpTester("Where").Input<float>({1}, {1}).Input<float>({1}, {1}).Input<float>({1}, {1})),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(OpTester("Clip").Input<float>({1}, {1}).Input<float>({2}, {1, 1})),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
