#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

TEST(NonZeroTest, FindsThePlacesRowByRow) {
  ExpectTensor<int64_t>(OpTester("NonZero").Input<float>({2, 3}, {1, 0, 3, 0, -0.0f, -2}).Run(),
                        {2, 3}, {0, 0, 1, 0, 2, 2});
}

TEST(NonZeroTest, FindsNothingWhereAllIsZero) {
  ExpectTensor<int64_t>(OpTester("NonZero").Input<int64_t>({2, 2}, {0, 0, 0, 0}).Run(), {2, 0}, {});
  ExpectTensor<int64_t>(OpTester("NonZero").Input<float>({0, 4}, {}).Run(), {2, 0}, {});
}

TEST(NonZeroTest, AScalarIsOneElementOnOneAxis) {
  ExpectTensor<int64_t>(OpTester("NonZero").Input<float>({}, {3}).Run(), {1, 1}, {0});
}

TEST(NonZeroTest, RefusesStrings) {
  EXPECT_THAT(OpTester("NonZero").Input<std::string>({1}, {"a"}).Run(),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("string")));
}

}  // namespace
}  // namespace dnnd::engine
