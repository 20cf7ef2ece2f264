// Trilu and EyeLike, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

absl::StatusOr<Tensor> Trilu(int64_t upper, int64_t k) {
  return OpTester("Trilu")
      .Int("upper", upper)
      .Input<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6})
      .Input(Tensor::Scalar<int64_t>(k))
      .Run();
}

struct TriluCase {
  int64_t upper, k;
  std::vector<int32_t> elements;
};

class TriluTest : public ::testing::TestWithParam<TriluCase> {};

// Of [[1 2 3] [4 5 6]].
TEST_P(TriluTest, KeepsOneSideOfTheDiagonal) {
  ExpectTensor<int32_t>(Trilu(GetParam().upper, GetParam().k), {2, 3}, GetParam().elements);
}

INSTANTIATE_TEST_SUITE_P(
    Diagonals, TriluTest,
    ::testing::Values(TriluCase{1, 0, {1, 2, 3, 0, 5, 6}}, TriluCase{0, 0, {1, 0, 0, 4, 5, 0}},
                      TriluCase{1, 2, {0, 0, 3, 0, 0, 0}}, TriluCase{0, 1, {1, 2, 0, 4, 5, 6}},
                      TriluCase{1, -1, {1, 2, 3, 4, 5, 6}}, TriluCase{0, -1, {0, 0, 0, 4, 0, 0}},
                      TriluCase{1, INT64_MAX, {0, 0, 0, 0, 0, 0}},
                      TriluCase{0, INT64_MAX, {1, 2, 3, 4, 5, 6}},
                      TriluCase{1, INT64_MIN, {1, 2, 3, 4, 5, 6}},
                      TriluCase{0, INT64_MIN, {0, 0, 0, 0, 0, 0}}));

TEST(TriluEdgesTest, TakesEachMatrixOfABatchAndTheMainDiagonalByDefault) {
  ExpectTensor<float>(OpTester("Trilu").Input<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).Run(),
                      {2, 2, 2}, {1, 2, 0, 4, 5, 6, 0, 8});
  ExpectTensor<float>(OpTester("Trilu").Input<float>({2, 0, 2}, {}).Run(), {2, 0, 2}, {});
}

TEST(TriluEdgesTest, RefusesWhatHasNoMatrices) {
  EXPECT_THAT(OpTester("Trilu").Input<float>({2}, {1, 2}).Run(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted matrices")));
  EXPECT_THAT(OpTester("Trilu").Input<float>({1, 1}, {1}).Input(Tensor::Int64s({0, 1})).Run(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted one element")));
}

TEST(EyeLikeTest, HasOnesOnTheDiagonal) {
  const auto eye = [](int64_t k) {
    return OpTester("EyeLike").Int("k", k).Input<int32_t>({2, 3}, {7, 7, 7, 7, 7, 7}).Run();
  };
  ExpectTensor<int32_t>(eye(0), {2, 3}, {1, 0, 0, 0, 1, 0});
  ExpectTensor<int32_t>(eye(2), {2, 3}, {0, 0, 1, 0, 0, 0});
  ExpectTensor<int32_t>(eye(-1), {2, 3}, {0, 0, 0, 1, 0, 0});
  ExpectTensor<int32_t>(eye(INT64_MAX), {2, 3}, {0, 0, 0, 0, 0, 0});
  ExpectTensor<int32_t>(eye(INT64_MIN), {2, 3}, {0, 0, 0, 0, 0, 0});
}

TEST(EyeLikeTest, IsOfTheTypeAskedFor) {
  ExpectTensor<bool>(OpTester("EyeLike")
                         .Int("dtype", static_cast<int64_t>(DataType::kBool))
                         .Input<float>({1, 2}, {0, 0})
                         .Run(),
                     {1, 2}, {true, false});
  EXPECT_EQ(OpTester("EyeLike").Input<std::string>({1, 1}, {"a"}).Run().status().code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_THAT(OpTester("EyeLike").Input<float>({1}, {0}).Run(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted a matrix")));
}

}  // namespace
}  // namespace dnnd::engine
