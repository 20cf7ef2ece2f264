#include "engine/tensor/tensor.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/aligned_buffer.h"
#include "engine/tensor/layout.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;

TEST(Tensor, IsCreatedZeroedAndAligned) {
  const absl::StatusOr<Tensor> tensor = Tensor::Create(DataType::kInt32, Shape({5}));
  ASSERT_THAT(tensor, IsOk());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(tensor->data<int32_t>()[i], 0);
  }
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->data<void>()) % kTensorAlignment, 0);
  EXPECT_EQ(tensor->tensor_type().ToString(), "int32[5]");
}

TEST(Tensor, HoldsStringsAndTruthValues) {
  const Tensor strings = Tensor::Of<std::string>(Shape({2}), {"a", "b"});
  EXPECT_EQ(strings.data<std::string>()[1], "b");
  const absl::StatusOr<Tensor> copy = Tensor::Copy(strings.view());
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(copy->data<std::string>()[0], "a");
  EXPECT_NE(copy->data<void>(), strings.data<void>());
  EXPECT_TRUE(Tensor::Of<bool>(Shape({2}), {false, true}).data<bool>()[1]);
}

TEST(Tensor, RefusesMoreBytesThanAnyTensorMayHave) {
  EXPECT_THAT(Tensor::Create(DataType::kFloat64, Shape({int64_t{1} << 37})),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("larger than")));
}

TEST(Tensor, ACopySharesItsElementsAndAReshapeToo) {
  const Tensor tensor = Tensor::Of<float>(Shape({2, 3}), {1, 2, 3, 4, 5, 6});
  const Tensor reshaped = tensor.Reshaped(Shape({3, 2}));
  EXPECT_EQ(reshaped.data<float>(), tensor.data<float>());
  EXPECT_EQ(reshaped.shape(), Shape({3, 2}));
  EXPECT_EQ(tensor.shape(), Shape({2, 3}));
  EXPECT_FALSE(Tensor().defined());
}

TEST(ToInt64s, TakesBothIntegerTypesOfOnnxShapes) {
  EXPECT_EQ(*ToInt64s(Tensor::Int64s({1, -2}).view()), (Dims{1, -2}));
  EXPECT_EQ(*ToInt64s(Tensor::Of<int32_t>(Shape({2}), {1, -2}).view()), (Dims{1, -2}));
  EXPECT_THAT(ToInt64s(Tensor::Scalar<float>(1).view()),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("float32[]")));
}

TEST(Layout, BlockedChannelsArePadded) {
  const TensorType type{DataType::kFloat32, Shape({1, 3, 5, 5})};
  EXPECT_EQ(LayoutBytes(type, Layout::kRowMajor), 3 * 25 * 4);
  EXPECT_EQ(LayoutBytes(type, Layout::kChannelsLast), 3 * 25 * 4);
  EXPECT_EQ(LayoutBytes(type, Layout::kChannelsBlocked16), 16 * 25 * 4);
}

// Where an element lies, in elements: the definition that SamePlacement must agree with.
int64_t Offset(const Shape& shape, Layout layout, int64_t n, int64_t c, int64_t s) {
  const int64_t channels = shape[1];
  const int64_t spatial = shape.Product(2, shape.rank());
  switch (layout) {
    case Layout::kRowMajor:
      return (n * channels + c) * spatial + s;
    case Layout::kChannelsLast:
      return (n * spatial + s) * channels + c;
    case Layout::kChannelsBlocked16:
      const int64_t blocks = (channels + 15) / 16;
      return ((n * blocks + c / 16) * spatial + s) * 16 + c % 16;
  }
  return -1;
}

bool SameOffsets(const Shape& shape, Layout a, Layout b) {
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int64_t c = 0; c < shape[1]; ++c) {
      for (int64_t s = 0; s < shape.Product(2, shape.rank()); ++s) {
        if (Offset(shape, a, n, c, s) != Offset(shape, b, n, c, s)) {
          return false;
        }
      }
    }
  }
  return true;
}

TEST(SamePlacement, IsTrueOnlyWhereEveryElementLiesAtTheSamePlace) {
  const Layout layouts[] = {Layout::kRowMajor, Layout::kChannelsLast, Layout::kChannelsBlocked16};
  for (const int64_t batch : {1, 2}) {
    for (const int64_t channels : {1, 3, 16, 17, 32}) {
      for (const int64_t side : {1, 2}) {
        const Shape shape({batch, channels, side, side});
        for (const Layout a : layouts) {
          for (const Layout b : layouts) {
            // The other direction is allowed to miss a case: a reorder too many is slow, not wrong.
            if (SamePlacement(shape, a, b)) {
              EXPECT_TRUE(SameOffsets(shape, a, b) &&
                          LayoutBytes({DataType::kFloat32, shape}, a) ==
                              LayoutBytes({DataType::kFloat32, shape}, b))
                  << shape.ToString() << " " << std::string(LayoutName(a)) << " "
                  << std::string(LayoutName(b));
            }
          }
        }
        EXPECT_EQ(SamePlacement(shape, Layout::kRowMajor, Layout::kChannelsLast),
                  side == 1 || channels == 1);
      }
    }
  }
}

}  // namespace
}  // namespace dnnd::engine
