#include "server/batching/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/tensor/tensor.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using engine::Shape;
using engine::Tensor;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

template <typename T>
std::vector<T> Values(const Tensor& tensor) {
  return {tensor.data<T>(), tensor.data<T>() + tensor.num_elements()};
}

TEST(CopyRowsTest, CopiesRowsAlongAnyAxis) {
  const Tensor from = Tensor::Of<float>(Shape{3, 2}, {1, 2, 3, 4, 5, 6});
  Tensor to = Tensor::Of<float>(Shape{2, 2}, {0, 0, 0, 0});
  ASSERT_THAT(CopyRows(from.view(), 1, to.mutable_view(), 0, 2, 0), IsOk());
  EXPECT_THAT(Values<float>(to), ElementsAre(3, 4, 5, 6));

  const Tensor columns = Tensor::Of<float>(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor wide = Tensor::Of<float>(Shape{2, 4}, {0, 0, 0, 0, 0, 0, 0, 0});
  ASSERT_THAT(CopyRows(columns.view(), 1, wide.mutable_view(), 2, 2, 1), IsOk());
  EXPECT_THAT(Values<float>(wide), ElementsAre(0, 0, 2, 3, 0, 0, 5, 6));
}

TEST(CopyRowsTest, WithoutAnAxisCopiesTheWhole) {
  const Tensor from = Tensor::Of<int64_t>(Shape{2}, {7, 8});
  Tensor to = Tensor::Of<int64_t>(Shape{2}, {0, 0});
  ASSERT_THAT(CopyRows(from.view(), 0, to.mutable_view(), 0, 1, std::nullopt), IsOk());
  EXPECT_THAT(Values<int64_t>(to), ElementsAre(7, 8));
}

TEST(CopyRowsTest, NothingIsCopiedOfATensorWithoutElements) {
  const engine::TensorType type{engine::DataType::kFloat32, Shape{0, 6}};
  EXPECT_THAT(CopyRows(engine::TensorView(type, nullptr), 0,
                       engine::MutableTensorView(type, nullptr), 0, 1, std::nullopt),
              IsOk());
}

TEST(CopyRowsTest, StringsAreCopiedNotTheirMemory) {
  const Tensor from = Tensor::Of<std::string>(Shape{2}, {"a", std::string(100, 'b')});
  Tensor to = Tensor::Of<std::string>(Shape{3}, {"", "", ""});
  ASSERT_THAT(CopyRows(from.view(), 0, to.mutable_view(), 1, 2, 0), IsOk());
  EXPECT_THAT(Values<std::string>(to), ElementsAre("", "a", std::string(100, 'b')));
}

TEST(CopyRowsTest, WhatDoesNotFitIsRefusedAndNothingIsWritten) {
  const Tensor from = Tensor::Of<float>(Shape{2, 2}, {1, 2, 3, 4});
  const Tensor other = Tensor::Of<float>(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor integers = Tensor::Of<int32_t>(Shape{2, 2}, {1, 2, 3, 4});
  Tensor to = Tensor::Of<float>(Shape{2, 2}, {0, 0, 0, 0});
  const auto refused = StatusIs(absl::StatusCode::kInternal, ::testing::HasSubstr("cannot copy"));
  EXPECT_THAT(CopyRows(from.view(), 1, to.mutable_view(), 0, 2, 0), refused);
  EXPECT_THAT(CopyRows(from.view(), 0, to.mutable_view(), 1, 2, 0), refused);
  EXPECT_THAT(CopyRows(from.view(), -1, to.mutable_view(), 0, 1, 0), refused);
  EXPECT_THAT(CopyRows(other.view(), 0, to.mutable_view(), 0, 1, 0), refused);
  EXPECT_THAT(CopyRows(other.view(), 0, to.mutable_view(), 0, 1, std::nullopt), refused);
  EXPECT_THAT(CopyRows(integers.view(), 0, to.mutable_view(), 0, 1, 0), refused);
  EXPECT_THAT(CopyRows(from.view(), 0, to.mutable_view(), 0, 1, 2), refused);
  EXPECT_THAT(Values<float>(to), ElementsAreArray({0.f, 0.f, 0.f, 0.f}));
}

}  // namespace
}  // namespace dnnd::server
