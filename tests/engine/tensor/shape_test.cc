#include "engine/tensor/shape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

TEST(Shape, KnowsItsElementsStridesAndText) {
  const Shape shape({2, 3, 4});
  EXPECT_EQ(shape.num_elements(), 24);
  EXPECT_EQ(shape.Product(1, 3), 12);
  EXPECT_EQ(shape.Strides(), (Dims{12, 4, 1}));
  EXPECT_EQ(shape.ToString(), "[2,3,4]");
  EXPECT_EQ(shape.WithDim(1, 9), Shape({2, 9, 4}));
  EXPECT_EQ(Shape().num_elements(), 1);
  EXPECT_EQ(Shape().ToString(), "[]");
  EXPECT_EQ(Shape({3, 0}).num_elements(), 0);
}

TEST(Shape, RefusesWhatCannotBe) {
  const std::vector<std::vector<int64_t>> impossible = {
      {-1}, {2, -3}, {INT64_MAX, 2}, {INT64_MAX, 0, INT64_MAX}, std::vector<int64_t>(13, 1)};
  for (const std::vector<int64_t>& dims : impossible) {
    EXPECT_THAT(Shape::Create(dims), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  }
  EXPECT_THAT(Shape::Create({0, 5}), IsOk());
}

struct Broadcast {
  Shape a;
  Shape b;
  std::string want;  // empty: refused
};

TEST(BroadcastShapes, FollowsNumpy) {
  const Broadcast cases[] = {
      {Shape({2, 3}), Shape({2, 3}), "[2,3]"},
      {Shape({2, 3}), Shape({3}), "[2,3]"},
      {Shape({2, 1}), Shape({1, 3}), "[2,3]"},
      {Shape(), Shape({4}), "[4]"},
      {Shape({0}), Shape({1}), "[0]"},
      {Shape({5, 1, 4}), Shape({3, 1}), "[5,3,4]"},
      {Shape({2}), Shape({3}), ""},
      {Shape({0}), Shape({2}), ""},
  };
  for (const Broadcast& each : cases) {
    const absl::StatusOr<Shape> shape = BroadcastShapes(each.a, each.b);
    EXPECT_EQ(shape.ok() ? shape->ToString() : "", each.want)
        << each.a.ToString() << " and " << each.b.ToString();
  }
}

TEST(BroadcastShapes, NamesBothShapesWhenTheyDoNotFit) {
  EXPECT_THAT(BroadcastShapes(Shape({2}), Shape({3})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr("[2]"), HasSubstr("[3]"))));
}

TEST(NormalizeAxis, CountsFromBothEnds) {
  EXPECT_EQ(*NormalizeAxis(0, 4), 0);
  EXPECT_EQ(*NormalizeAxis(-1, 4), 3);
  EXPECT_EQ(*NormalizeAxis(-4, 4), 0);
  for (const int64_t axis : {int64_t{4}, int64_t{-5}, INT64_MAX, INT64_MIN}) {
    EXPECT_FALSE(NormalizeAxis(axis, 4).ok()) << axis;
  }
}

}  // namespace
}  // namespace dnnd::engine
