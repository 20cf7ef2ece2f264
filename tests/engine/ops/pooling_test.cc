#include <gtest/gtest.h>

#include <numeric>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

using Ints = std::vector<int64_t>;

constexpr double kRounding = 1e-6;

struct PoolCase {
  std::string name;
  std::string op;
  Shape x;  // elements are 1, 2, 3 …
  std::vector<std::pair<std::string, Attribute>> attributes;
  Shape y;
  std::vector<float> elements;
};

class PoolTest : public testing::TestWithParam<PoolCase> {};

TEST_P(PoolTest, PoolsTheNumbersFromOne) {
  const PoolCase& c = GetParam();
  std::vector<float> x(c.x.num_elements());
  std::iota(x.begin(), x.end(), 1.0f);
  OpTester tester(c.op);
  for (const auto& [name, value] : c.attributes) {
    tester.Attribute(name, value);
  }
  ExpectTensor<float>(tester.Input<float>(c.x, x).Run(), c.y, c.elements, kRounding);
}

std::vector<PoolCase> Cases() {
  const std::pair<std::string, Attribute> k2 = {"kernel_shape", Ints{2, 2}};
  const std::pair<std::string, Attribute> k3 = {"kernel_shape", Ints{3, 3}};
  const std::pair<std::string, Attribute> s2 = {"strides", Ints{2, 2}};
  const std::pair<std::string, Attribute> p1 = {"pads", Ints{1, 1, 1, 1}};
  const std::pair<std::string, Attribute> ceil = {"ceil_mode", int64_t{1}};
  const std::pair<std::string, Attribute> with_pad = {"count_include_pad", int64_t{1}};
  return {
      {"MaxPlain", "MaxPool", {1, 1, 3, 3}, {k2}, {1, 1, 2, 2}, {5, 6, 8, 9}},
      {"MaxChannels", "MaxPool", {2, 2, 2, 2}, {k2}, {2, 2, 1, 1}, {4, 8, 12, 16}},
      {"MaxFloor", "MaxPool", {1, 1, 4, 4}, {k3, s2}, {1, 1, 1, 1}, {11}},
      {"MaxCeil", "MaxPool", {1, 1, 4, 4}, {k3, s2, ceil}, {1, 1, 2, 2}, {11, 12, 15, 16}},
      {"MaxCeilDropsAWindowOutside",
       "MaxPool",
       {1, 1, 3, 3},
       {k2, s2, p1, ceil},
       {1, 1, 2, 2},
       {1, 3, 7, 9}},
      {"MaxPadded", "MaxPool", {1, 1, 3, 3}, {k3, p1}, {1, 1, 3, 3}, {5, 6, 6, 8, 9, 9, 8, 9, 9}},
      {"MaxDilated",
       "MaxPool",
       {1, 1, 4, 4},
       {k2, {"dilations", Ints{2, 2}}},
       {1, 1, 2, 2},
       {11, 12, 15, 16}},
      {"MaxSameLower",
       "MaxPool",
       {1, 1, 2, 2},
       {k2, {"auto_pad", "SAME_LOWER"}},
       {1, 1, 2, 2},
       {1, 2, 3, 4}},
      {"MaxOneAxis", "MaxPool", {1, 1, 4}, {{"kernel_shape", Ints{2}}}, {1, 1, 3}, {2, 3, 4}},
      {"MaxThreeAxes",
       "MaxPool",
       {1, 1, 2, 2, 2},
       {{"kernel_shape", Ints{2, 2, 1}}},
       {1, 1, 1, 1, 2},
       {7, 8}},
      {"AveragePlain", "AveragePool", {1, 1, 3, 3}, {k2}, {1, 1, 2, 2}, {3, 4, 6, 7}},
      {"AveragePadsNotCounted",
       "AveragePool",
       {1, 1, 2, 2},
       {k2, p1, s2},
       {1, 1, 2, 2},
       {1, 2, 3, 4}},
      {"AveragePadsCounted",
       "AveragePool",
       {1, 1, 2, 2},
       {k2, p1, s2, with_pad},
       {1, 1, 2, 2},
       {0.25f, 0.5f, 0.75f, 1}},
      {"AverageCeil",
       "AveragePool",
       {1, 1, 4, 4},
       {k3, s2, ceil},
       {1, 1, 2, 2},
       {6, 7.5f, 12, 13.5f}},
      // The overhang of ceil_mode is no pad: it never counts.
      {"AverageCeilPadsCounted",
       "AveragePool",
       {1, 1, 4, 4},
       {k3, s2, ceil, with_pad},
       {1, 1, 2, 2},
       {6, 7.5f, 12, 13.5f}},
      {"GlobalAverage", "GlobalAveragePool", {1, 2, 2, 2}, {}, {1, 2, 1, 1}, {2.5f, 6.5f}},
      {"GlobalMax", "GlobalMaxPool", {1, 2, 3}, {}, {1, 2, 1}, {3, 6}},
  };
}

INSTANTIATE_TEST_SUITE_P(Forms, PoolTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST(MaxPoolTest, IndicesAreFlatPositionsInEitherStorageOrder) {
  const auto indices = [](int64_t storage_order) -> absl::StatusOr<Tensor> {
    const auto outputs = OpTester("MaxPool")
                             .Ints("kernel_shape", {2, 2})
                             .Ints("strides", {2, 2})
                             .Int("storage_order", storage_order)
                             .Input<float>({1, 2, 2, 4}, {9, 1, 1, 1, 1, 1, 9, 1,  //
                                                          1, 1, 1, 1, 1, 9, 1, 9})
                             .Outputs(2)
                             .RunAll();
    if (!outputs.ok()) {
      return outputs.status();
    }
    return (*outputs)[1];
  };
  ExpectTensor<int64_t>(indices(0), {1, 2, 1, 2}, {0, 6, 13, 15});
  ExpectTensor<int64_t>(indices(1), {1, 2, 1, 2}, {0, 5, 11, 15});
}

TEST(MaxPoolTest, PadsAsLargeAsTheKernelAreRefused) {
  EXPECT_EQ(OpTester("MaxPool")
                .Ints("kernel_shape", {2, 2})
                .Ints("pads", {2, 0, 0, 0})
                .Input<float>({1, 1, 1, 1}, {1})
                .Infer()
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MaxPoolTest, AKernelShapeOfAnotherRankIsRefused) {
  EXPECT_EQ(OpTester("MaxPool").Input<float>({1, 1, 1, 1}, {1}).Infer().status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
