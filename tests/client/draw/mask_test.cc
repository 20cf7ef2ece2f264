#include "client/draw/mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/draw/png.h"
#include "server/vision/mask.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// 7 x 5 pixels of the classes 0, 1 and 200 without a pattern, as the daemon holds them.
server::Mask Patches() {
  server::Mask mask{7, 5, {}};
  constexpr uint8_t kClasses[] = {0, 1, 200};
  for (int i = 0; i < 35; ++i) mask.values.push_back(kClasses[i * i % 11 % 3]);
  return mask;
}

std::string Values(const server::Mask& mask) { return {mask.values.begin(), mask.values.end()}; }

TEST(MaskTest, WhatTheDaemonWritesAsPngIsRead) {
  for (const bool palette : {true, false}) {
    const auto mask = DecodePngMask(*server::EncodePng(Patches(), palette));
    ASSERT_THAT(mask, IsOk());
    EXPECT_EQ(mask->width, 7);
    EXPECT_EQ(mask->height, 5);
    EXPECT_EQ(mask->values, Values(Patches()));
  }
}

TEST(MaskTest, WhatTheDaemonWritesAsRunLengthsIsRead) {
  Mask mask = *EmptyMask(7, 5);
  for (const int value : {1, 200}) {
    EXPECT_THAT(PaintRunLengths(server::EncodeRunLengths(Patches(), value), value, mask), IsOk());
  }
  EXPECT_EQ(mask.values, Values(Patches()));
}

TEST(MaskTest, RunLengthsOfLongRunsAreRead) {
  server::Mask large{300, 200, std::vector<uint8_t>(60000, 0)};
  for (int i = 1234; i < 51234; ++i) large.values[i] = 3;
  Mask mask = *EmptyMask(300, 200);
  EXPECT_THAT(PaintRunLengths(server::EncodeRunLengths(large, 3), 3, mask), IsOk());
  EXPECT_EQ(mask.values, Values(large));
}

TEST(MaskTest, RunLengthsThatDoNotFitAreRefused) {
  // 'k' to 'o' ask for a further digit; 'O' is -1.
  for (const char* counts : {"", "5", "99", "O", "000O", "oooooooooooooooo", "o", "\x7f", "!"}) {
    Mask mask = *EmptyMask(4, 3);
    EXPECT_THAT(PaintRunLengths(counts, 1, mask),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("run")))
        << counts;
  }
}

TEST(MaskTest, ASizeIsCheckedBeforeMemoryIsTaken) {
  EXPECT_THAT(EmptyMask(50000, 50000), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("large")));
  EXPECT_THAT(EmptyMask(-1, 5), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1")));
}

}  // namespace
}  // namespace dnnd::client
