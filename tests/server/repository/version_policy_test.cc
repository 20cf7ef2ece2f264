#include "server/repository/version_policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace dnnd::server {
namespace {

using Versions = std::vector<int64_t>;
constexpr ModelState kReady = ModelState::kReady;
constexpr ModelState kOut = ModelState::kUnavailable;
constexpr ModelState kUnloading = ModelState::kUnloading;

TEST(VersionPolicyTest, NamesOfTheStoredVersionsThoseItSays) {
  struct Case {
    const char* policy;
    Versions stored;
    Versions wanted;
  };
  const Case cases[] = {
      {"", {1, 5, 9}, {9}},
      {"", {}, {}},
      {"latest {}", {1, 5, 9}, {9}},
      {"latest { count: 2 }", {1, 5, 9}, {5, 9}},
      {"latest { count: 7 }", {1, 5, 9}, {1, 5, 9}},
      {"all {}", {1, 5, 9}, {1, 5, 9}},
      {"specific { versions: [9, 1, 4] }", {1, 5, 9}, {1, 9}},
      {"specific { versions: 4 }", {1, 5, 9}, {}},
  };
  for (const Case& c : cases) {
    v1::VersionPolicy policy;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(c.policy, &policy));
    EXPECT_EQ(WantedVersions(policy, c.stored), c.wanted) << c.policy;
  }
}

TEST(PlanChangesTest, LeadsFromWhatIsToWhatIsWanted) {
  struct Case {
    const char* name;
    std::vector<VersionFacts>
        versions;  // number, state, stored, wanted, asked for, taken out, failed
    Versions load;
    Versions unload;
  };
  const Case cases[] = {
      {"at start everything wanted is loaded, the newest first",
       {{1, kOut, true, true}, {2, kOut, true, true}, {3, kOut, true, false}},
       {2, 1},
       {}},
      {"a new version is loaded while the old one serves on",
       {{1, kReady, true, false}, {2, kOut, true, true}},
       {2},
       {}},
      {"the old one goes once the new one is ready",
       {{1, kReady, true, false}, {2, kReady, true, true}},
       {},
       {1}},
      {"a failed new version leaves the old one serving, and is not tried again",
       {{1, kReady, true, false}, {2, kOut, true, true, false, false, true}},
       {},
       {}},
      {"what an operator took out is not loaded", {{1, kOut, true, true, false, true}}, {}, {}},
      {"what an operator asked for stays beside what the policy names",
       {{1, kReady, true, false, true}, {2, kReady, true, true}},
       {},
       {}},
      {"a model that is gone from the store goes",
       {{1, kReady, false, false}, {2, kReady, false, false, true}},
       {},
       {1, 2}},
      {"a policy that names nothing unloads all", {{1, kReady, true, false}}, {}, {1}},
      {"what is unloading is left to end", {{1, kUnloading, true, true}}, {}, {}},
      {"a version whose files went serves until the one now wanted is ready",
       {{1, kOut, true, true}, {2, kReady, false, false}},
       {1},
       {}},
  };
  for (const Case& c : cases) {
    const VersionChanges changes = PlanChanges(c.versions);
    EXPECT_EQ(changes.load, c.load) << c.name;
    EXPECT_EQ(changes.unload, c.unload) << c.name;
  }
}

}  // namespace
}  // namespace dnnd::server
