#include <gtest/gtest.h>

#include <random>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

constexpr double kSumRounding = 1e-5;

// A dense layer against the plain triple loop: z[b,o] = bias[o] + Σ_i x[b,i] w[i,o].
TEST(GemmTest, IsADenseLayer) {
  const int64_t batch = 3, inputs = 17, outputs = 5;
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto fill = [&](int64_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
      value = uniform(random);
    }
    return values;
  };
  const std::vector<float> x = fill(batch * inputs), w = fill(inputs * outputs),
                           bias = fill(outputs);
  std::vector<float> want;
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t o = 0; o < outputs; ++o) {
      double z = bias[o];
      for (int64_t i = 0; i < inputs; ++i) {
        z += double{x[b * inputs + i]} * w[i * outputs + o];
      }
      want.push_back(static_cast<float>(z));
    }
  }
  ExpectTensor<float>(OpTester("Gemm")
                          .Input<float>({batch, inputs}, x)
                          .Input<float>({inputs, outputs}, w)
                          .Input<float>({outputs}, bias)
                          .Run(),
                      {batch, outputs}, want, kSumRounding);
}

TEST(GemmTest, TransposesAndScales) {
  // a = [[1 2 3] [4 5 6]] and b = [[1 0 2] [0 1 1]], each given transposed or not.
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, a_transposed = {1, 4, 2, 5, 3, 6};
  const std::vector<float> b = {1, 0, 0, 1, 2, 1}, b_transposed = {1, 0, 2, 0, 1, 1};
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      OpTester tester("Gemm");
      tester.Float("alpha", 2).Float("beta", 0.5f).Int("transA", trans_a).Int("transB", trans_b);
      tester.Input<float>(trans_a ? Shape({3, 2}) : Shape({2, 3}), trans_a ? a_transposed : a);
      tester.Input<float>(trans_b ? Shape({2, 3}) : Shape({3, 2}), trans_b ? b_transposed : b);
      tester.Input<float>({2, 1}, {2, 4});
      ExpectTensor<float>(tester.Run(), {2, 2}, {15, 11, 34, 24});
    }
  }
}

TEST(GemmTest, WhatDoesNotFitIsRefused) {
  const auto code = [](const Shape& a, const Shape& b, const Shape& c) {
    const auto zeros = [](const Shape& shape) {
      return Tensor::Create(DataType::kFloat32, shape).value();
    };
    return OpTester("Gemm").Input(zeros(a)).Input(zeros(b)).Input(zeros(c)).Infer().status().code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code({2, 3}, {2, 3}, {3}), invalid);
  EXPECT_EQ(code({2, 3, 1}, {1, 3}, {3}), invalid);
  EXPECT_EQ(code({2, 3}, {3, 4}, {3}), invalid);
  EXPECT_EQ(code({1, 3}, {3, 4}, {2, 4}), invalid);
  EXPECT_EQ(code({2, 3}, {3, 4}, {4}), absl::StatusCode::kOk);
}

struct MatMulCase {
  Shape a, b, y;
  std::vector<int64_t> elements;  // of the product of 1, 2, 3 … by 1, 2, 3 …
};

class MatMulTest : public testing::TestWithParam<MatMulCase> {};

TEST_P(MatMulTest, MultipliesAsNumpyDoes) {
  const MatMulCase& c = GetParam();
  const auto count = [](const Shape& shape) {
    std::vector<int64_t> values(shape.num_elements());
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<int64_t>(i) + 1;
    }
    return Tensor::Of<int64_t>(shape, values);
  };
  ExpectTensor<int64_t>(OpTester("MatMul").Input(count(c.a)).Input(count(c.b)).Run(), c.y,
                        c.elements);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MatMulTest,
    testing::Values(MatMulCase{{2, 2}, {2, 2}, {2, 2}, {7, 10, 15, 22}},
                    MatMulCase{{2}, {2}, {}, {5}}, MatMulCase{{2}, {2, 2}, {2}, {7, 10}},
                    MatMulCase{{2, 2}, {2}, {2}, {5, 11}},
                    MatMulCase{{2, 1, 2}, {2, 1}, {2, 1, 1}, {5, 11}},
                    MatMulCase{{2}, {2, 2, 1}, {2, 1}, {5, 11}},
                    MatMulCase{{2, 1, 1, 2}, {3, 2, 1}, {2, 3, 1, 1}, {5, 11, 17, 11, 25, 39}},
                    MatMulCase{{1, 2}, {2, 3}, {1, 3}, {9, 12, 15}},
                    MatMulCase{{2, 0}, {0, 2}, {2, 2}, {0, 0, 0, 0}}));

TEST(MatMulErrorsTest, WhatDoesNotFitIsRefused) {
  const auto code = [](const Shape& a, const Shape& b) {
    return OpTester("MatMul")
        .Input(Tensor::Create(DataType::kFloat32, a).value())
        .Input(Tensor::Create(DataType::kFloat32, b).value())
        .Infer()
        .status()
        .code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code({2, 3}, {2, 3}), invalid);
  EXPECT_EQ(code({}, {2, 3}), invalid);
  EXPECT_EQ(code({2, 2, 3}, {3, 3, 2}), invalid);
}

}  // namespace
}  // namespace dnnd::engine
