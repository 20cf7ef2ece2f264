// TopK by values worked out by hand, and by a plain sort.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

absl::StatusOr<std::vector<Tensor>> TopK(const Tensor& input, int64_t k, int64_t axis,
                                         int64_t largest) {
  return OpTester("TopK")
      .Int("axis", axis)
      .Int("largest", largest)
      .Input(input)
      .Input(Tensor::Int64s({k}))
      .Outputs(2)
      .RunAll();
}

struct TopKCase {
  std::string name;
  int64_t k, axis, largest;
  Shape shape;
  std::vector<float> values;
  std::vector<int64_t> indices;
};

class TopKTest : public testing::TestWithParam<TopKCase> {};

// Of [[0 1 2 3] [7 6 5 4]].
TEST_P(TopKTest, GivesTheBestInOrder) {
  const TopKCase& c = GetParam();
  const auto got =
      TopK(Tensor::Of<float>({2, 4}, {0, 1, 2, 3, 7, 6, 5, 4}), c.k, c.axis, c.largest);
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<float>((*got)[0], c.shape, c.values);
  ExpectTensor<int64_t>((*got)[1], c.shape, c.indices);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TopKTest,
    testing::Values(TopKCase{"Largest", 2, 1, 1, {2, 2}, {3, 2, 7, 6}, {3, 2, 0, 1}},
                    TopKCase{"Smallest", 1, -1, 0, {2, 1}, {0, 4}, {0, 3}},
                    TopKCase{"OfColumns", 1, 0, 1, {1, 4}, {7, 6, 5, 4}, {1, 1, 1, 1}},
                    TopKCase{
                        "All", 2, 0, 0, {2, 4}, {0, 1, 2, 3, 7, 6, 5, 4}, {0, 0, 0, 0, 1, 1, 1, 1}},
                    TopKCase{"None", 0, 1, 1, {2, 0}, {}, {}}),
    [](const auto& info) { return info.param.name; });

TEST(TopKOrderTest, TheFirstOfEqualsComesFirst) {
  for (const int64_t largest : {0, 1}) {
    const auto got = TopK(Tensor::Of<int32_t>({5}, {3, 3, 3, 3, 3}), 3, 0, largest);
    ASSERT_TRUE(got.ok()) << got.status();
    ExpectTensor<int64_t>((*got)[1], {3}, {0, 1, 2});
  }
  const auto zeros = TopK(Tensor::Of<float>({3}, {-0.0f, 0.0f, -0.0f}), 2, 0, 1);
  ASSERT_TRUE(zeros.ok()) << zeros.status();
  ExpectTensor<int64_t>((*zeros)[1], {2}, {0, 1});
}

TEST(TopKOrderTest, NotANumberComesAfterEveryNumber) {
  const Tensor input = Tensor::Of<float>({6}, {kNan, 1, kNan, -kInfinity, kInfinity, kNan});
  const auto largest = TopK(input, 5, 0, 1);
  ASSERT_TRUE(largest.ok()) << largest.status();
  ExpectTensor<int64_t>((*largest)[1], {5}, {4, 1, 3, 0, 2});
  ExpectTensor<float>((*largest)[0], {5}, {kInfinity, 1, -kInfinity, kNan, kNan});
  const auto smallest = TopK(input, 4, 0, 0);
  ASSERT_TRUE(smallest.ok()) << smallest.status();
  ExpectTensor<int64_t>((*smallest)[1], {4}, {3, 1, 4, 0});
}

TEST(TopKOrderTest, IntegersAreComparedExactly) {
  const auto got = TopK(Tensor::Of<int64_t>({3}, {INT64_MIN, INT64_MAX - 1, INT64_MAX}), 2, 0, 1);
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<int64_t>((*got)[0], {2}, {INT64_MAX, INT64_MAX - 1});
  const auto narrow = TopK(Tensor::Of<uint8_t>({3}, {0, 255, 7}), 1, 0, 1);
  ASSERT_TRUE(narrow.ok()) << narrow.status();
  ExpectTensor<uint8_t>((*narrow)[0], {1}, {255});
}

TEST(TopKOrderTest, EitherResultMayBeUnwanted) {
  const auto values =
      OpTester("TopK").Input<float>({3}, {1, 3, 2}).Input(Tensor::Int64s({2})).RunAll();
  ASSERT_TRUE(values.ok()) << values.status();
  ExpectTensor<float>((*values)[0], {2}, {3, 2});
}

// Lines longer than a block, few and many of them wanted, with many equals.
TEST(TopKOrderTest, AgreesWithASortOfTheWhole) {
  constexpr int64_t kCount = 3000;
  std::mt19937 random(11);
  std::uniform_int_distribution<int> values(0, 700);
  for (const bool numbers_only : {true, false}) {
    std::vector<float> line(kCount);
    for (float& value : line) {
      const int drawn = values(random);
      value = numbers_only || drawn % 3 != 0 ? static_cast<float>(drawn) : kNan;
    }
    std::vector<int64_t> order(kCount);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return line[a] > line[b] || (std::isnan(line[b]) && !std::isnan(line[a]));
    });
    for (const int64_t k : {int64_t{1}, int64_t{2}, int64_t{300}, int64_t{1500}, int64_t{2999}}) {
      const auto got = TopK(Tensor::Of<float>({kCount}, line), k, 0, 1);
      ASSERT_TRUE(got.ok()) << got.status();
      const std::vector<int64_t> want(order.begin(), order.begin() + k);
      ExpectTensor<int64_t>((*got)[1], {k}, want);
    }
  }
}

TEST(TopKRefusalTest, KMustBeOneNumberWithinTheAxis) {
  const Tensor input = Tensor::Of<float>({3}, {1, 2, 3});
  for (const int64_t k : {int64_t{-1}, int64_t{4}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(TopK(input, k, 0, 1).status().code(), absl::StatusCode::kInvalidArgument) << k;
  }
  EXPECT_EQ(TopK(input, 1, 1, 1).status().code(), absl::StatusCode::kInvalidArgument);
  const auto many = OpTester("TopK").Input(input).Input(Tensor::Int64s({1, 1})).Infer().status();
  EXPECT_THAT(std::string(many.message()), HasSubstr("wanted one number"));
  const auto unknown =
      OpTester("TopK").Input(input).Input(Tensor::Int64s({1})).Unknown().Infer().status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace dnnd::engine
