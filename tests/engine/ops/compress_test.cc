// Compress, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// [[0 1 2] [3 4 5]]
Tensor Data() { return Tensor::Of<float>({2, 3}, {0, 1, 2, 3, 4, 5}); }

absl::StatusOr<Tensor> CompressAlong(int64_t axis, const std::vector<bool>& condition) {
  return OpTester("Compress")
      .Int("axis", axis)
      .Input(Data())
      .Input<bool>({static_cast<int64_t>(condition.size())}, condition)
      .Run();
}

TEST(CompressTest, KeepsTheSlabsForWhichTheConditionHolds) {
  ExpectTensor<float>(CompressAlong(1, {true, false, true}), {2, 2}, {0, 2, 3, 5});
  ExpectTensor<float>(CompressAlong(-2, {false, true}), {1, 3}, {3, 4, 5});
  ExpectTensor<float>(CompressAlong(0, {false, false}), {0, 3}, {});
}

TEST(CompressTest, TakesElementsOfAllWithoutAnAxis) {
  ExpectTensor<float>(OpTester("Compress")
                          .Input(Data())
                          .Input<bool>({6}, {false, true, false, false, true, true})
                          .Run(),
                      {3}, {1, 4, 5});
  ExpectTensor<std::string>(OpTester("Compress")
                                .Input<std::string>({2}, {"a", "b"})
                                .Input<bool>({2}, {false, true})
                                .Run(),
                            {1}, {"b"});
}

TEST(CompressTest, AConditionMayBeShorterOrLongerThanTheAxis) {
  ExpectTensor<float>(CompressAlong(1, {false, true}), {2, 1}, {1, 4});
  ExpectTensor<float>(CompressAlong(0, {false, true, true, true}), {1, 3}, {3, 4, 5});
  ExpectTensor<float>(CompressAlong(1, {}), {2, 0}, {});
}

TEST(CompressTest, RefusesWhatIsNoConditionAndNoAxis) {
  EXPECT_THAT(OpTester("Compress").Input(Data()).Input<int64_t>({2}, {0, 1}).Run(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the condition is int64[2]")));
  EXPECT_THAT(OpTester("Compress").Input(Data()).Input<bool>({1, 1}, {true}).Run(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the condition is ")));
  EXPECT_THAT(CompressAlong(2, {true}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("axis")));
}

}  // namespace
}  // namespace dnnd::engine
