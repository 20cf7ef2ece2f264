#include <gtest/gtest.h>

#include <random>

#include "engine/ops/window.h"
#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

// float32 sums of up to a few hundred products of numbers in [-1, 1].
constexpr double kSumRounding = 2e-5;

Tensor RandomTensor(const Shape& shape, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(shape.num_elements());
  for (float& value : values) {
    value = uniform(random);
  }
  return Tensor::Of<float>(shape, values);
}

struct ConvCase {
  std::string name;
  Shape x;
  Shape w;
  std::vector<std::pair<std::string, Attribute>> attributes;
  Shape y;
  // What the attributes mean, spelled out for the check by a plain gather.
  std::vector<int64_t> strides, dilations, pads_begin;
  int64_t group = 1;
};

// The definition, output by output, in double.
double ConvolveAt(const ConvCase& c, const Tensor& x, const Tensor& w, std::vector<int64_t> at) {
  const int axes = x.shape().rank() - 2;
  const int64_t group = at[1] / (c.y[1] / c.group);
  const Dims x_strides = x.shape().Strides();
  const Dims w_strides = w.shape().Strides();
  double sum = 0;
  for (int64_t i = 0; i < w.shape().Product(1, w.shape().rank()); ++i) {
    const int64_t channel = i / w_strides[1];
    int64_t offset = at[0] * x_strides[0] + (group * c.w[1] + channel) * x_strides[1];
    bool inside = true;
    for (int axis = 0; axis < axes; ++axis) {
      const int64_t k = i / w_strides[axis + 2] % c.w[axis + 2];
      const int64_t p = at[axis + 2] * c.strides[axis] - c.pads_begin[axis] + k * c.dilations[axis];
      inside = inside && p >= 0 && p < c.x[axis + 2];
      offset += p * x_strides[axis + 2];
    }
    sum += inside ? double{x.data<float>()[offset]} * w.data<float>()[at[1] * w_strides[0] + i] : 0;
  }
  return sum;
}

std::vector<int64_t> Position(const Shape& shape, int64_t index) {
  std::vector<int64_t> at;
  for (const int64_t stride : shape.Strides()) {
    at.push_back(index / stride);
    index %= stride;
  }
  return at;
}

std::vector<ConvCase> Cases() {
  using Ints = std::vector<int64_t>;
  return {
      {"Plain", {1, 2, 4, 5}, {3, 2, 3, 3}, {}, {1, 3, 2, 3}, {1, 1}, {1, 1}, {0, 0}},
      {"OneByOne", {2, 3, 2, 2}, {4, 3, 1, 1}, {}, {2, 4, 2, 2}, {1, 1}, {1, 1}, {0, 0}},
      {"Strided",
       {1, 1, 5, 6},
       {2, 1, 2, 3},
       {{"strides", Ints{2, 3}}},
       {1, 2, 2, 2},
       {2, 3},
       {1, 1},
       {0, 0}},
      {"AsymmetricPads",
       {1, 2, 3, 3},
       {1, 2, 2, 2},
       {{"pads", Ints{0, 1, 2, 0}}},
       {1, 1, 4, 3},
       {1, 1},
       {1, 1},
       {0, 1}},
      {"Dilated",
       {1, 1, 7, 7},
       {1, 1, 3, 3},
       {{"dilations", Ints{2, 3}}, {"pads", Ints{1, 1, 1, 1}}},
       {1, 1, 5, 3},
       {1, 1},
       {2, 3},
       {1, 1}},
      {"Grouped",
       {2, 4, 3, 3},
       {6, 2, 2, 2},
       {{"group", int64_t{2}}},
       {2, 6, 2, 2},
       {1, 1},
       {1, 1},
       {0, 0},
       2},
      {"Depthwise",
       {1, 3, 4, 4},
       {3, 1, 3, 3},
       {{"group", int64_t{3}}, {"pads", Ints{1, 1, 1, 1}}},
       {1, 3, 4, 4},
       {1, 1},
       {1, 1},
       {1, 1},
       3},
      {"SameUpper",
       {1, 1, 4, 5},
       {1, 1, 2, 2},
       {{"auto_pad", "SAME_UPPER"}},
       {1, 1, 4, 5},
       {1, 1},
       {1, 1},
       {0, 0}},
      {"SameLower",
       {1, 1, 4, 5},
       {1, 1, 2, 2},
       {{"auto_pad", "SAME_LOWER"}},
       {1, 1, 4, 5},
       {1, 1},
       {1, 1},
       {1, 1}},
      {"SameUpperStrided",
       {1, 1, 5, 6},
       {1, 1, 3, 3},
       {{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}},
       {1, 1, 3, 3},
       {2, 2},
       {1, 1},
       {1, 0}},
      {"Valid",
       {1, 1, 4, 4},
       {1, 1, 3, 3},
       {{"auto_pad", "VALID"}},
       {1, 1, 2, 2},
       {1, 1},
       {1, 1},
       {0, 0}},
      {"PadsBeyondTheKernel",
       {1, 1, 2, 2},
       {1, 1, 1, 1},
       {{"pads", Ints{2, 2, 2, 2}}},
       {1, 1, 6, 6},
       {1, 1},
       {1, 1},
       {2, 2}},
      {"OneAxis",
       {2, 3, 9},
       {4, 3, 3},
       {{"strides", Ints{2}}, {"pads", Ints{1, 0}}},
       {2, 4, 4},
       {2},
       {1},
       {1}},
      {"ThreeAxes",
       {1, 2, 3, 4, 4},
       {2, 2, 2, 3, 2},
       {{"pads", Ints{1, 0, 0, 0, 1, 0}}, {"strides", Ints{1, 2, 1}}},
       {1, 2, 3, 2, 3},
       {1, 2, 1},
       {1, 1, 1},
       {1, 0, 0}},
  };
}

class ConvTest : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, EqualsItsDefinition) {
  const ConvCase& c = GetParam();
  const Tensor x = RandomTensor(c.x, 1);
  const Tensor w = RandomTensor(c.w, 2);
  const Tensor b = RandomTensor({c.w[0]}, 3);
  OpTester tester("Conv");
  for (const auto& [name, value] : c.attributes) {
    tester.Attribute(name, value);
  }
  const absl::StatusOr<Tensor> y = tester.Input(x).Input(w).Input(b).Run();
  std::vector<float> want;
  for (int64_t i = 0; i < c.y.num_elements(); ++i) {
    const std::vector<int64_t> at = Position(c.y, i);
    want.push_back(static_cast<float>(ConvolveAt(c, x, w, at) + b.data<float>()[at[1]]));
  }
  ExpectTensor<float>(y, c.y, want, kSumRounding);
}

INSTANTIATE_TEST_SUITE_P(Forms, ConvTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST(ConvErrorsTest, WhatDoesNotFitIsRefused) {
  const auto code = [](const Shape& x, const Shape& w, const char* name, Attribute value) {
    return OpTester("Conv")
        .Attribute(name, std::move(value))
        .Input(RandomTensor(x, 1))
        .Input(RandomTensor(w, 2))
        .Infer()
        .status()
        .code();
  };
  using Ints = std::vector<int64_t>;
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code({1, 3, 4, 4}, {2, 2, 3, 3}, "group", int64_t{1}), invalid);
  EXPECT_EQ(code({1, 4, 4, 4}, {2, 2, 3, 3}, "group", int64_t{0}), invalid);
  EXPECT_EQ(code({1, 1, 2, 2}, {1, 1, 3, 3}, "group", int64_t{1}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "strides", Ints{0, 1}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "strides", Ints{1}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "pads", Ints{-1, 0, 0, 0}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "dilations", Ints{int64_t{1} << 62, 1}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "kernel_shape", Ints{3, 2}), invalid);
  EXPECT_EQ(code({1, 1, 4, 4}, {1, 1, 3, 3}, "auto_pad", "MAYBE"), invalid);
  EXPECT_EQ(code({1, 4}, {1, 4}, "group", int64_t{1}), absl::StatusCode::kUnimplemented);
}

TEST(ConvPostOpsTest, FusedOperationsApplyInTheirOrder) {
  // y = relu(2 * x + 1 + residual), at one element a channel.
  const absl::StatusOr<Tensor> y = OpTester("Conv")
                                       .Input<float>({1, 1, 2, 2}, {1, 2, -3, -4})
                                       .Input<float>({1, 1, 1, 1}, {2})
                                       .Input<float>({1}, {1})
                                       .Input<float>({1, 1, 2, 2}, {-4, 1, 9, 0})
                                       .Fused({.kind = PostOp::Kind::kSum, .operand = 3})
                                       .Fused({.kind = PostOp::Kind::kRelu})
                                       .Run();
  ExpectTensor<float>(y, {1, 1, 2, 2}, {0, 6, 4, 0});
}

struct TransposeCase {
  std::string name;
  Shape x;
  Shape w;
  std::vector<std::pair<std::string, Attribute>> attributes;
  Shape y;
};

class ConvTransposeTest : public testing::TestWithParam<TransposeCase> {};

// The inner product <ConvTranspose(x), z> must equal <x, Conv(z)> for every z: the definition of a
// transposed linear map.
TEST_P(ConvTransposeTest, IsTheTransposeOfConv) {
  const TransposeCase& c = GetParam();
  const Tensor x = RandomTensor(c.x, 1);
  const Tensor w = RandomTensor(c.w, 2);
  OpTester transposed("ConvTranspose");
  OpTester convolution("Conv");
  for (const auto& [name, value] : c.attributes) {
    transposed.Attribute(name, value);
    if (name != "output_padding") {
      convolution.Attribute(name, value);
    }
  }
  const absl::StatusOr<Tensor> y = transposed.Input(x).Input(w).Run();
  ASSERT_TRUE(y.ok()) << y.status();
  ASSERT_EQ(y->shape().ToString(), c.y.ToString());
  const Tensor z = RandomTensor(c.y, 3);
  const absl::StatusOr<Tensor> back = convolution.Input(z).Input(w).Run();
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ(back->shape(), c.x);
  double left = 0;
  for (int64_t i = 0; i < z.num_elements(); ++i) {
    left += double{y->data<float>()[i]} * z.data<float>()[i];
  }
  double right = 0;
  for (int64_t i = 0; i < x.num_elements(); ++i) {
    right += double{x.data<float>()[i]} * back->data<float>()[i];
  }
  EXPECT_NEAR(left, right, kSumRounding * 10);
}

std::vector<TransposeCase> TransposeCases() {
  using Ints = std::vector<int64_t>;
  return {
      {"Plain", {1, 2, 3, 3}, {2, 4, 3, 3}, {}, {1, 4, 5, 5}},
      {"Strided", {2, 2, 3, 4}, {2, 3, 2, 2}, {{"strides", Ints{2, 2}}}, {2, 3, 6, 8}},
      {"Padded", {1, 1, 4, 4}, {1, 2, 3, 3}, {{"pads", Ints{1, 0, 1, 2}}}, {1, 2, 4, 4}},
      {"OutputPadding",
       {1, 1, 3, 3},
       {1, 2, 3, 3},
       {{"strides", Ints{2, 3}}, {"output_padding", Ints{1, 2}}},
       {1, 2, 8, 11}},
      {"Dilated", {1, 1, 3, 3}, {1, 1, 2, 2}, {{"dilations", Ints{2, 2}}}, {1, 1, 5, 5}},
      {"Grouped", {1, 4, 3, 3}, {4, 3, 2, 2}, {{"group", int64_t{2}}}, {1, 6, 4, 4}},
      {"OneAxis", {1, 2, 5}, {2, 2, 3}, {{"strides", Ints{2}}}, {1, 2, 11}},
      {"ThreeAxes",
       {1, 1, 2, 3, 2},
       {1, 2, 2, 2, 3},
       {{"strides", Ints{2, 1, 2}}},
       {1, 2, 4, 4, 5}},
  };
}

INSTANTIATE_TEST_SUITE_P(Forms, ConvTransposeTest, testing::ValuesIn(TransposeCases()),
                         [](const auto& info) { return info.param.name; });

TEST(ConvTransposeShapeTest, OutputShapeAndAutoPadDecideThePads) {
  const std::vector<int64_t> strides = {2};
  // Without pads the output is 0 0 1 1 3 2 2.
  const auto run = [&](const char* name, Attribute value, const char* auto_pad) {
    return OpTester("ConvTranspose")
        .Ints("strides", strides)
        .Attribute(name, std::move(value))
        .String("auto_pad", auto_pad)
        .Input<float>({1, 1, 3}, {0, 1, 2})
        .Input<float>({1, 1, 3}, {1, 1, 1})
        .Run();
  };
  using Ints = std::vector<int64_t>;
  ExpectTensor<float>(run("group", int64_t{1}, "SAME_UPPER"), {1, 1, 6}, {0, 0, 1, 1, 3, 2});
  ExpectTensor<float>(run("group", int64_t{1}, "SAME_LOWER"), {1, 1, 6}, {0, 1, 1, 3, 2, 2});
  ExpectTensor<float>(run("output_shape", Ints{6}, "NOTSET"), {1, 1, 6}, {0, 1, 1, 3, 2, 2});
  ExpectTensor<float>(run("output_shape", Ints{5}, "NOTSET"), {1, 1, 5}, {0, 1, 1, 3, 2});
  ExpectTensor<float>(run("output_shape", Ints{9}, "NOTSET"), {1, 1, 9},
                      {0, 0, 1, 1, 3, 2, 2, 0, 0});
}

}  // namespace
}  // namespace dnnd::engine
