// ReverseSequence, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

absl::StatusOr<Tensor> Reverse(int64_t batch_axis, int64_t time_axis, const Tensor& lengths) {
  return OpTester("ReverseSequence")
      .Int("batch_axis", batch_axis)
      .Int("time_axis", time_axis)
      .Input<float>({2, 3}, {0, 1, 2, 3, 4, 5})
      .Input(lengths)
      .Run();
}

// Of [[0 1 2] [3 4 5]].
TEST(ReverseSequenceTest, ReversesTheFirstElementsOfEach) {
  ExpectTensor<float>(Reverse(0, 1, Tensor::Int64s({3, 2})), {2, 3}, {2, 1, 0, 4, 3, 5});
  ExpectTensor<float>(Reverse(1, 0, Tensor::Int64s({1, 2, 0})), {2, 3}, {0, 4, 2, 3, 1, 5});
}

TEST(ReverseSequenceTest, MovesWhatLiesBehindBothAxes) {
  ExpectTensor<float>(OpTester("ReverseSequence")
                          .Input<float>({2, 1, 2}, {1, 2, 3, 4})
                          .Input(Tensor::Int64s({2}))
                          .Run(),
                      {2, 1, 2}, {3, 4, 1, 2});
}

TEST(ReverseSequenceTest, RefusesLengthsAndAxesThatAreNone) {
  for (const int64_t length : {int64_t{-1}, int64_t{4}, INT64_MAX}) {
    EXPECT_THAT(Reverse(0, 1, Tensor::Int64s({1, length})),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted 0 to 3")));
  }
  EXPECT_THAT(Reverse(0, 1, Tensor::Int64s({1, 1, 1})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lengths")));
  for (const auto& [batch, time] : {std::pair(0, 0), std::pair(1, 1), std::pair(0, 2)}) {
    EXPECT_THAT(Reverse(batch, time, Tensor::Int64s({1, 1})),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_axis is ")));
  }
}

}  // namespace
}  // namespace dnnd::engine
