// GatherElements and ScatterElements, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// [[0 1 2] [3 4 5]]
Tensor Data() { return Tensor::Of<float>({2, 3}, {0, 1, 2, 3, 4, 5}); }

absl::StatusOr<Tensor> GatherAt(int64_t axis, const Tensor& indices) {
  return OpTester("GatherElements").Int("axis", axis).Input(Data()).Input(indices).Run();
}

TEST(GatherElementsTest, FollowsTheIndicesAlongAnyAxis) {
  ExpectTensor<float>(GatherAt(1, Tensor::Of<int64_t>({2, 4}, {2, 0, -1, 1, 0, 0, -3, 2})), {2, 4},
                      {2, 0, 2, 1, 3, 3, 3, 5});
  ExpectTensor<float>(GatherAt(0, Tensor::Of<int32_t>({3, 2}, {1, 0, 0, -1, 1, 1})), {3, 2},
                      {3, 1, 0, 4, 3, 4});
  ExpectTensor<float>(GatherAt(-1, Tensor::Of<int64_t>({1, 1}, {2})), {1, 1}, {2});
}

TEST(GatherElementsTest, TakesPlacesOfAMiddleAxis) {
  std::vector<int64_t> elements(12);
  for (size_t i = 0; i < elements.size(); ++i) {
    elements[i] = static_cast<int64_t>(i);
  }
  // [2,3,2], indices [2,1,2].
  ExpectTensor<int64_t>(OpTester("GatherElements")
                            .Int("axis", 1)
                            .Input<int64_t>({2, 3, 2}, elements)
                            .Input<int64_t>({2, 1, 2}, {2, 0, 1, -1})
                            .Run(),
                        {2, 1, 2}, {4, 1, 8, 11});
}

TEST(GatherElementsTest, MovesElementsOfEverySizeAndStrings) {
  const auto indices = Tensor::Of<int64_t>({2}, {1, 0});
  ExpectTensor<bool>(
      OpTester("GatherElements").Input<bool>({2}, {true, false}).Input(indices).Run(), {2},
      {false, true});
  ExpectTensor<int16_t>(
      OpTester("GatherElements").Input<int16_t>({2}, {-7, 300}).Input(indices).Run(), {2},
      {300, -7});
  ExpectTensor<std::string>(
      OpTester("GatherElements").Input<std::string>({2}, {"a", "b"}).Input(indices).Run(), {2},
      {"b", "a"});
}

TEST(GatherElementsTest, NothingIsGatheredByNoIndices) {
  ExpectTensor<float>(GatherAt(1, Tensor::Of<int64_t>({2, 0}, {})), {2, 0}, {});
  ExpectTensor<float>(GatherAt(1, Tensor::Of<int64_t>({0, 3}, {})), {0, 3}, {});
}

TEST(GatherElementsTest, RefusesAnIndexOutside) {
  for (const int64_t index : {int64_t{3}, int64_t{-4}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(GatherAt(1, Tensor::Of<int64_t>({1, 1}, {index})),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is outside axis 1")));
  }
}

TEST(GatherElementsTest, RefusesIndicesThatReachBeyondTheData) {
  for (const Shape& shape : {Shape({3, 1}), Shape({2}), Shape({2, 1, 1}), Shape()}) {
    EXPECT_THAT(GatherAt(1, Tensor::Create(DataType::kInt64, shape).value()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("indices are ")));
  }
  EXPECT_THAT(GatherAt(1, Tensor::Of<float>({1, 1}, {0})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted int64 or int32")));
  EXPECT_THAT(GatherAt(2, Tensor::Of<int64_t>({1, 1}, {0})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("axis")));
}

struct ScatterCase {
  std::string reduction;
  std::vector<float> updates;
  std::vector<float> elements;
};

class ScatterElementsTest : public ::testing::TestWithParam<ScatterCase> {};

// Into [[0 1 2] [3 4 5]], places (0,2), (0,0) and twice (1,1).
TEST_P(ScatterElementsTest, JoinsUpdatesInOrder) {
  const ScatterCase& c = GetParam();
  ExpectTensor<float>(OpTester("ScatterElements")
                          .Int("axis", 1)
                          .String("reduction", c.reduction)
                          .Input(Data())
                          .Input<int64_t>({2, 2}, {2, 0, 1, -2})
                          .Input<float>({2, 2}, c.updates)
                          .Run(),
                      {2, 3}, c.elements);
}

INSTANTIATE_TEST_SUITE_P(
    Reductions, ScatterElementsTest,
    ::testing::Values(ScatterCase{"none", {10, 20, 30, 40}, {20, 1, 10, 3, 40, 5}},
                      ScatterCase{"add", {10, 20, 30, 40}, {20, 1, 12, 3, 74, 5}},
                      ScatterCase{"mul", {10, 20, 2, 3}, {0, 1, 20, 3, 24, 5}},
                      ScatterCase{"max", {-1, 7, 4.5f, 4}, {7, 1, 2, 3, 4.5f, 5}},
                      ScatterCase{"max", {kNan, 7, 9, kNan}, {7, 1, kNan, 3, kNan, 5}},
                      ScatterCase{"min", {-1, 7, 3, 9}, {0, 1, -1, 3, 3, 5}}),
    [](const auto& info) { return info.param.reduction + std::to_string(info.index); });

TEST(ScatterElementsEdgesTest, ScattersAlongTheFirstAxis) {
  ExpectTensor<float>(OpTester("ScatterElements")
                          .Input(Data())
                          .Input<int64_t>({1, 2}, {1, 0})
                          .Input<float>({1, 2}, {8, 9})
                          .Run(),
                      {2, 3}, {0, 9, 2, 8, 4, 5});
}

TEST(ScatterElementsEdgesTest, IntegersWrap) {
  const auto run = [](const char* reduction) {
    return OpTester("ScatterElements")
        .String("reduction", reduction)
        .Input<int32_t>({1}, {INT32_MAX})
        .Input<int64_t>({1}, {0})
        .Input<int32_t>({1}, {2})
        .Run();
  };
  ExpectTensor<int32_t>(run("add"), {1}, {INT32_MIN + 1});
  ExpectTensor<int32_t>(run("mul"), {1}, {-2});
}

TEST(ScatterElementsEdgesTest, StringsAreReplacedButNotReduced) {
  const auto run = [](const char* reduction) {
    return OpTester("ScatterElements")
        .String("reduction", reduction)
        .Input<std::string>({2}, {"a", "b"})
        .Input<int64_t>({1}, {1})
        .Input<std::string>({1}, {"c"})
        .Run();
  };
  ExpectTensor<std::string>(run("none"), {2}, {"a", "c"});
  EXPECT_EQ(run("max").status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ScatterElementsEdgesTest, RefusesWhatDoesNotFit) {
  const auto scatter = [](const char* reduction, int64_t index, const Tensor& updates) {
    return OpTester("ScatterElements")
        .String("reduction", reduction)
        .Input(Data())
        .Input<int64_t>({1, 2}, {0, index})
        .Input(updates)
        .Run();
  };
  const Tensor updates = Tensor::Of<float>({1, 2}, {8, 9});
  EXPECT_THAT(scatter("none", 2, updates),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("index 2 is outside axis 0")));
  EXPECT_THAT(scatter("none", INT64_MIN, updates),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is outside axis 0")));
  EXPECT_THAT(scatter("mean", 0, updates),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("reduction is \"mean\"")));
  EXPECT_THAT(scatter("none", 0, Tensor::Of<float>({2, 1}, {8, 9})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("updates")));
  EXPECT_EQ(scatter("none", 0, Tensor::Of<int64_t>({1, 2}, {8, 9})).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dnnd::engine
