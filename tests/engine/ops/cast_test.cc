// Cast, ConstantOfShape, Range.
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

int64_t Number(DataType type) { return static_cast<int64_t>(type); }

TEST(CastTest, TruncatesAndSaturatesToIntegers) {
  ExpectTensor<int32_t>(
      OpTester("Cast")
          .Int("to", Number(DataType::kInt32))
          .Input<float>({5}, {1.9f, -1.9f, 1e20f, -1e20f, std::numeric_limits<float>::quiet_NaN()})
          .Run(),
      {5}, {1, -1, INT32_MAX, INT32_MIN, 0});
  ExpectTensor<uint8_t>(
      OpTester("Cast").Int("to", Number(DataType::kUint8)).Input<float>({2}, {-3, 300}).Run(), {2},
      {0, 255});
}

TEST(CastTest, BoolIsWhetherItDiffersFromZero) {
  ExpectTensor<bool>(
      OpTester("Cast").Int("to", Number(DataType::kBool)).Input<float>({3}, {0, 0.5f, -1}).Run(),
      {3}, {false, true, true});
  ExpectTensor<float>(
      OpTester("Cast").Int("to", Number(DataType::kFloat32)).Input<bool>({2}, {true, false}).Run(),
      {2}, {1, 0});
}

TEST(CastTest, GoesThroughBothSixteenBitFloats) {
  for (const DataType narrow : {DataType::kFloat16, DataType::kBFloat16}) {
    const auto there =
        OpTester("Cast").Int("to", Number(narrow)).Input<float>({3}, {1.5f, -2, 0}).Run();
    ASSERT_TRUE(there.ok()) << there.status();
    EXPECT_EQ(there->type(), narrow);
    ExpectTensor<float>(OpTester("Cast").Int("to", Number(DataType::kFloat32)).Input(*there).Run(),
                        {3}, {1.5f, -2, 0});
  }
}

TEST(CastTest, RefusesStringsAndUnknownTypes) {
  EXPECT_EQ(OpTester("Cast")
                .Int("to", Number(DataType::kString))
                .Input<float>({1}, {1})
                .Infer()
                .status()
                .code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_EQ(OpTester("Cast").Int("to", 99).Input<float>({1}, {1}).Infer().status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConstantOfShapeTest, FillsWithTheValueOrZero) {
  ExpectTensor<float>(OpTester("ConstantOfShape").Input(Tensor::Int64s({2, 2})).Run(), {2, 2},
                      {0, 0, 0, 0});
  ExpectTensor<int64_t>(OpTester("ConstantOfShape")
                            .Attribute("value", Tensor::Of<int64_t>(Shape({1}), {7}))
                            .Input(Tensor::Int64s({3}))
                            .Run(),
                        {3}, {7, 7, 7});
}

TEST(ConstantOfShapeTest, RefusesHugeAndNegativeShapes) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{-1}, {int64_t{1} << 32, int64_t{1} << 32}}) {
    EXPECT_EQ(OpTester("ConstantOfShape").Input(Tensor::Int64s(shape)).Infer().status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

template <typename T>
absl::StatusOr<Tensor> Range(T start, T limit, T delta) {
  return OpTester("Range")
      .Input(Tensor::Scalar(start))
      .Input(Tensor::Scalar(limit))
      .Input(Tensor::Scalar(delta))
      .Run();
}

TEST(RangeTest, CountsUpAndDownWithoutTheLimit) {
  ExpectTensor<int64_t>(Range<int64_t>(1, 6, 2), {3}, {1, 3, 5});
  ExpectTensor<int32_t>(Range<int32_t>(3, 0, -2), {2}, {3, 1});
  ExpectTensor<float>(Range<float>(0, 1, 0.5f), {2}, {0, 0.5f});
  ExpectTensor<int64_t>(Range<int64_t>(5, 1, 1), {0}, {});
}

TEST(RangeTest, RefusesARangeWithoutEnd) {
  EXPECT_EQ(Range<int64_t>(0, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Range<int64_t>(0, INT64_MAX, 1).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
