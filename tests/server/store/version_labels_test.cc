#include "server/store/version_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

struct OpenState {
  explicit OpenState(const std::string& folder)
      : db(*StateDb::Open(folder)), labels(*VersionLabels::Read(*db)) {}
  std::unique_ptr<StateDb> db;
  std::unique_ptr<VersionLabels> labels;
};

TEST(VersionLabels, AreFoundMovedAndRemoved) {
  dnnd::testing::TempDir folder;
  const OpenState state(folder.path());
  VersionLabels& labels = *state.labels;
  EXPECT_EQ(labels.Find("a", "stable"), std::nullopt);
  ASSERT_THAT(labels.Set("a", "stable", 1), IsOk());
  ASSERT_THAT(labels.Set("a", "canary", 2), IsOk());
  ASSERT_THAT(labels.Set("b", "stable", 7), IsOk());
  EXPECT_EQ(labels.Find("a", "stable"), 1);
  ASSERT_THAT(labels.Set("a", "stable", 2), IsOk());
  EXPECT_THAT(labels.Of("a"), ElementsAre(Pair("canary", 2), Pair("stable", 2)));
  ASSERT_THAT(labels.Remove("a", "canary"), IsOk());
  EXPECT_THAT(labels.Remove("a", "canary"), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(labels.Of("a"), ElementsAre(Pair("stable", 2)));
  EXPECT_THAT(labels.Of("c"), IsEmpty());
}

TEST(VersionLabels, SurviveARestart) {
  dnnd::testing::TempDir folder;
  ASSERT_THAT(OpenState(folder.path()).labels->Set("a", "stable", 3), IsOk());
  ASSERT_THAT(OpenState(folder.path()).labels->Set("a", "o'brien\"; --", 4), IsOk());
  EXPECT_THAT(OpenState(folder.path()).labels->Of("a"),
              ElementsAre(Pair("o'brien\"; --", 4), Pair("stable", 3)));
}

TEST(VersionLabels, OnlyNamesThatNoVersionHasAreLabels) {
  for (const char* label : {"stable", "v1", "a", "A.b_c-1"}) {
    EXPECT_TRUE(IsVersionLabel(label)) << label;
  }
  for (const std::string& label :
       {std::string(), std::string("1"), std::string("-a"), std::string("a b"),
        std::string(65, 'a'), std::string("a/b"), std::string("\xc3\xa4")}) {
    EXPECT_FALSE(IsVersionLabel(label)) << label;
  }
}

TEST(StateDb, OfANewerDaemonIsRefused) {
  dnnd::testing::TempDir folder;
  ASSERT_THAT((*StateDb::Open(folder.path()))->Run("PRAGMA user_version = 99"), IsOk());
  EXPECT_THAT(StateDb::Open(folder.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("dnnd.db: got")));
}

TEST(StateDb, ThatIsDamagedOrCannotBeMadeIsRefused) {
  dnnd::testing::TempDir folder;
  folder.Write("dnnd.db", std::string(4096, 'x'));
  EXPECT_THAT(StateDb::Open(folder.path()),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("dnnd.db: ")));
  EXPECT_THAT(StateDb::Open(folder.path() + "/nothing"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("opening it")));
}

}  // namespace
}  // namespace dnnd::server
