#include "server/store/state_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

TEST(StateLockTest, ASecondDaemonIsRefusedAndToldWhoHoldsTheFolder) {
  dnnd::testing::TempDir folder;
  const auto first = StateLock::Acquire(folder.path());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(StateLock::Acquire(folder.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(absl::StrCat("in use by process ", getpid()))));
}

TEST(StateLockTest, TheLockGoesWithItsHolder) {
  dnnd::testing::TempDir folder;
  { ASSERT_THAT(StateLock::Acquire(folder.path()), IsOk()); }
  EXPECT_THAT(StateLock::Acquire(folder.path()), IsOk());
}

TEST(StateLockTest, AMissingFolderIsMadeForThisUserAlone) {
  dnnd::testing::TempDir folder;
  const std::string path = folder.path() + "/a/b";
  ASSERT_THAT(StateLock::Acquire(path), IsOk());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
}

TEST(StateLockTest, WhatIsNoFolderIsRefused) {
  dnnd::testing::TempDir folder;
  const std::string file = folder.Write("file", "");
  const absl::Status refused = StateLock::Acquire(file).status();
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.message()), HasSubstr("state folder " + file));
}

}  // namespace
}  // namespace dnnd::server
