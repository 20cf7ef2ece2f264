#include <gtest/gtest.h>

#include <cmath>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

// float32 against values with seven digits, after a root and a quotient.
constexpr double kRounding = 5e-6;

TEST(BatchNormalizationTest, ScalesAndShiftsEachChannel) {
  ExpectTensor<float>(OpTester("BatchNormalization")
                          .Float("epsilon", 1)
                          .Input<float>({1, 2, 2}, {1, 2, 3, 4})
                          .Input<float>({2}, {2, 10})
                          .Input<float>({2}, {0.5f, 0})
                          .Input<float>({2}, {1, 4})
                          .Input<float>({2}, {3, 24})
                          .Run(),
                      {1, 2, 2}, {0.5f, 1.5f, -2, 0}, kRounding);
}

TEST(BatchNormalizationTest, ParametersMustHaveOneElementAChannel) {
  OpTester tester("BatchNormalization");
  tester.Input<float>({1, 2, 2}, {1, 2, 3, 4});
  for (int i = 0; i < 4; ++i) {
    tester.Input<float>({1}, {1});
  }
  EXPECT_EQ(tester.Infer().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LrnTest, EvenSizesReachOneChannelFurtherUp) {
  // size 2 over channels c and c + 1, squares 1, 4, 9.
  ExpectTensor<float>(OpTester("LRN")
                          .Int("size", 2)
                          .Float("alpha", 2)
                          .Float("beta", 1)
                          .Float("bias", 1)
                          .Input<float>({1, 3, 1}, {1, 2, 3})
                          .Run(),
                      {1, 3, 1}, {1 / 6.0f, 2 / 14.0f, 3 / 10.0f}, kRounding);
}

TEST(LrnTest, AWindowWiderThanTheChannelsTakesThemAll) {
  ExpectTensor<float>(OpTester("LRN")
                          .Int("size", 7)
                          .Float("alpha", 7)
                          .Float("beta", 0.5f)
                          .Input<float>({1, 2, 1, 1}, {2, 2})
                          .Run(),
                      {1, 2, 1, 1}, {2 / 3.0f, 2 / 3.0f}, kRounding);
}

TEST(InstanceNormalizationTest, NormalisesEachPlaneByItself) {
  const float unit = 1 / std::sqrt(1 + 1e-5f);
  ExpectTensor<float>(OpTester("InstanceNormalization")
                          .Input<float>({2, 2, 2}, {1, 3, 10, 12, -1, 1, 5, 5})
                          .Input<float>({2}, {1, 2})
                          .Input<float>({2}, {0, 1})
                          .Run(),
                      {2, 2, 2}, {-unit, unit, 1 - 2 * unit, 1 + 2 * unit, -unit, unit, 1, 1},
                      kRounding);
}

TEST(LayerNormalizationTest, NormalisesTheTrailingAxes) {
  const auto outputs = OpTester("LayerNormalization")
                           .Int("axis", 1)
                           .Float("epsilon", 0)
                           .Input<float>({2, 1, 2}, {1, 3, 10, 14})
                           .Input<float>({2}, {1, 2})
                           .Input<float>({2}, {0, 1})
                           .Outputs(3)
                           .RunAll();
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ExpectTensor<float>((*outputs)[0], {2, 1, 2}, {-1, 3, -1, 3}, kRounding);
  ExpectTensor<float>((*outputs)[1], {2, 1, 1}, {2, 12}, kRounding);
  ExpectTensor<float>((*outputs)[2], {2, 1, 1}, {1, 0.5f}, kRounding);
}

TEST(LpNormalizationTest, DividesByTheNormAndLeavesZeros) {
  ExpectTensor<float>(
      OpTester("LpNormalization").Int("axis", 0).Input<float>({2, 2}, {3, 0, 4, 0}).Run(), {2, 2},
      {0.6f, 0, 0.8f, 0}, kRounding);
  ExpectTensor<float>(
      OpTester("LpNormalization").Int("p", 1).Input<float>({4}, {1, -3, 0, 4}).Run(), {4},
      {0.125f, -0.375f, 0, 0.5f}, kRounding);
}

struct SoftmaxCase {
  std::string op;
  std::vector<std::pair<std::string, Attribute>> attributes;
  Shape shape;
  std::vector<float> x;
  std::vector<float> y;
};

class SoftmaxTest : public testing::TestWithParam<SoftmaxCase> {};

TEST_P(SoftmaxTest, NormalisesAlongItsAxis) {
  const SoftmaxCase& c = GetParam();
  OpTester tester(c.op);
  for (const auto& [name, value] : c.attributes) {
    tester.Attribute(name, value);
  }
  ExpectTensor<float>(tester.Input<float>(c.shape, c.x).Run(), c.shape, c.y, kRounding);
}

const float kLog3 = std::log(3.0f);

INSTANTIATE_TEST_SUITE_P(
    Forms, SoftmaxTest,
    testing::Values(
        SoftmaxCase{"Softmax", {}, {2, 2}, {0, kLog3, 500, 500}, {0.25f, 0.75f, 0.5f, 0.5f}},
        SoftmaxCase{"Softmax",
                    {{"axis", int64_t{0}}},
                    {2, 2},
                    {0, 1, kLog3, 1},
                    {0.25f, 0.5f, 0.75f, 0.5f}},
        SoftmaxCase{"Softmax",
                    {{"coerce_2d", int64_t{1}}},
                    {1, 2, 2},
                    {5, 5, 5, 5},
                    {0.25f, 0.25f, 0.25f, 0.25f}},
        SoftmaxCase{"LogSoftmax",
                    {},
                    {2, 2},
                    {1000, 1000, 0, kLog3},
                    {-std::log(2.0f), -std::log(2.0f), -std::log(4.0f), kLog3 - std::log(4.0f)}}));

TEST(HardmaxTest, MarksTheFirstOfTheLargest) {
  const auto run = [](int64_t axis, int64_t coerce_2d) {
    return OpTester("Hardmax")
        .Int("axis", axis)
        .Int("coerce_2d", coerce_2d)
        .Input<float>({2, 2, 2}, {1, 3, 3, 2, -1, -1, -2, 0})
        .Run();
  };
  ExpectTensor<float>(run(-1, 0), {2, 2, 2}, {0, 1, 1, 0, 1, 0, 0, 1});
  ExpectTensor<float>(run(1, 0), {2, 2, 2}, {0, 1, 1, 0, 1, 0, 0, 1});
  ExpectTensor<float>(run(1, 1), {2, 2, 2}, {0, 1, 0, 0, 0, 0, 0, 1});
}

TEST(SoftmaxErrorsTest, AnAxisOutsideTheRankIsRefused) {
  EXPECT_EQ(OpTester("Softmax").Int("axis", 2).Input<float>({1, 2}, {1, 2}).Infer().status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
