// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout, Shape, Size: shapes, and nothing moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

using testing::HasSubstr;

Tensor Counting(const Shape& shape) {
  std::vector<float> values(shape.num_elements());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  return Tensor::Of<float>(shape, values);
}

struct ShapeCase {
  std::string name;
  std::string op;
  Shape input;
  std::vector<int64_t> argument;  // input 1, if not empty
  std::vector<std::pair<std::string, int64_t>> attributes;
  std::string want;
};

class ReshapeTest : public testing::TestWithParam<ShapeCase> {};

TEST_P(ReshapeTest, GivesTheShapeAndKeepsTheElements) {
  const ShapeCase& c = GetParam();
  OpTester tester(c.op);
  tester.Input(Counting(c.input));
  if (!c.argument.empty()) {
    tester.Input(Tensor::Int64s(c.argument));
  }
  for (const auto& [name, value] : c.attributes) {
    tester.Int(name, value);
  }
  const absl::StatusOr<Tensor> got = tester.Run();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->shape().ToString(), c.want);
  for (int64_t i = 0; i < got->num_elements(); ++i) {
    ASSERT_EQ(got->data<float>()[i], static_cast<float>(i));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ReshapeTest,
    testing::Values(ShapeCase{"Plain", "Reshape", {2, 3}, {3, 2}, {}, "[3,2]"},
                    ShapeCase{"ZeroCopies", "Reshape", {2, 3, 4}, {0, 12}, {}, "[2,12]"},
                    ShapeCase{"MinusOneInfers", "Reshape", {2, 3, 4}, {4, -1}, {}, "[4,6]"},
                    ShapeCase{"ZeroAndMinusOne", "Reshape", {2, 3, 4}, {0, -1, 2}, {}, "[2,6,2]"},
                    ShapeCase{"AllowZero", "Reshape", {0, 3}, {3, 0}, {{"allowzero", 1}}, "[3,0]"},
                    ShapeCase{"InfersAnEmptyExtent", "Reshape", {0, 3}, {3, -1}, {}, "[3,0]"},
                    ShapeCase{"FlattenByDefault", "Flatten", {2, 3, 4}, {}, {}, "[2,12]"},
                    ShapeCase{"FlattenAtZero", "Flatten", {2, 3, 4}, {}, {{"axis", 0}}, "[1,24]"},
                    ShapeCase{
                        "FlattenAtTheRank", "Flatten", {2, 3, 4}, {}, {{"axis", 3}}, "[24,1]"},
                    ShapeCase{"FlattenNegative", "Flatten", {2, 3, 4}, {}, {{"axis", -1}}, "[6,4]"},
                    ShapeCase{"SqueezeAll", "Squeeze", {1, 3, 1}, {}, {}, "[3]"},
                    ShapeCase{"SqueezeOne", "Squeeze", {1, 3, 1}, {-1}, {}, "[1,3]"},
                    ShapeCase{"Unsqueeze", "Unsqueeze", {3, 4}, {0, -1}, {}, "[1,3,4,1]"},
                    ShapeCase{"UnsqueezeOutOfOrder", "Unsqueeze", {3}, {2, 0}, {}, "[1,3,1]"},
                    ShapeCase{"Identity", "Identity", {2, 2}, {}, {}, "[2,2]"},
                    ShapeCase{"Dropout", "Dropout", {2, 2}, {}, {}, "[2,2]"}),
    [](const auto& info) { return info.param.name; });

struct RefusalCase {
  std::string name;
  std::string op;
  Shape input;
  std::vector<int64_t> argument;
  std::string message;
};

class ReshapeRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(ReshapeRefusalTest, SaysWhatWasWanted) {
  const RefusalCase& c = GetParam();
  const auto got =
      OpTester(c.op).Input(Counting(c.input)).Input(Tensor::Int64s(c.argument)).Infer();
  EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(got.status().message()), HasSubstr(c.message));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ReshapeRefusalTest,
    testing::Values(
        RefusalCase{"WrongCount", "Reshape", {2, 3}, {4, 2}, "does not hold the 6 elements"},
        RefusalCase{"TwoUnknowns", "Reshape", {2, 3}, {-1, -1}, "second unknown"},
        RefusalCase{"ZeroBeyondTheRank", "Reshape", {6}, {6, 0}, "copies extent 1"},
        RefusalCase{"Overflow", "Reshape", {2}, {INT64_MAX, 4}, "too large"},
        RefusalCase{"SqueezeOfTwo", "Squeeze", {2, 1}, {0}, "is not 1"},
        RefusalCase{"SqueezeTwice", "Squeeze", {1, 1}, {0, -2}, "named twice"},
        RefusalCase{"UnsqueezeOutside", "Unsqueeze", {2}, {3}, "axis is 3"}),
    [](const auto& info) { return info.param.name; });

TEST(ReshapeTest, AShapeThatIsNotKnownIsRefusedAsUnimplemented) {
  const auto got =
      OpTester("Reshape").Input(Counting({4})).Input(Tensor::Int64s({2, 2})).Unknown().Infer();
  EXPECT_EQ(got.status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ReshapeTest, StringsPassThrough) {
  ExpectTensor<std::string>(OpTester("Reshape")
                                .Input<std::string>({2}, {"one", "two"})
                                .Input(Tensor::Int64s({1, 2}))
                                .Run(),
                            {1, 2}, {"one", "two"});
}

TEST(ShapeOpTest, ListsTheAxesFromStartToEnd) {
  const auto run = [](std::vector<std::pair<std::string, int64_t>> attributes) {
    OpTester tester("Shape");
    tester.Input(Counting({2, 3, 4}));
    for (const auto& [name, value] : attributes) {
      tester.Int(name, value);
    }
    return tester.Run();
  };
  ExpectTensor<int64_t>(run({}), {3}, {2, 3, 4});
  ExpectTensor<int64_t>(run({{"start", 1}}), {2}, {3, 4});
  ExpectTensor<int64_t>(run({{"start", -2}, {"end", -1}}), {1}, {3});
  ExpectTensor<int64_t>(run({{"start", 2}, {"end", 1}}), {0}, {});
  ExpectTensor<int64_t>(OpTester("Size").Input(Counting({2, 3})).Run(), {}, {6});
}

}  // namespace
}  // namespace dnnd::engine
