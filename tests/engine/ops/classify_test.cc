// IsNaN and IsInf.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ClassifyTest, TellsWhatIsNotANumber) {
  ExpectTensor<bool>(OpTester("IsNaN").Input<double>({4}, {0, kNan, kInfinity, -kNan}).Run(), {4},
                     {false, true, false, true});
}

TEST(ClassifyTest, TellsInfinitiesOfEitherSign) {
  const auto run = [](int64_t positive, int64_t negative) {
    return OpTester("IsInf")
        .Int("detect_positive", positive)
        .Int("detect_negative", negative)
        .Input<float>({4}, {1, static_cast<float>(kNan), static_cast<float>(kInfinity),
                            static_cast<float>(-kInfinity)})
        .Run();
  };
  ExpectTensor<bool>(run(1, 1), {4}, {false, false, true, true});
  ExpectTensor<bool>(run(1, 0), {4}, {false, false, true, false});
  ExpectTensor<bool>(run(0, 1), {4}, {false, false, false, true});
  ExpectTensor<bool>(run(0, 0), {4}, {false, false, false, false});
}

TEST(ClassifyTest, TakesFloatingPointOnly) {
  EXPECT_THAT(OpTester("IsNaN").Input<int32_t>({1}, {0}).Run(),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("int32")));
}

}  // namespace
}  // namespace dnnd::engine
