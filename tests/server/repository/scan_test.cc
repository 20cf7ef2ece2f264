#include "server/repository/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

std::vector<int64_t> Numbers(const StoredModel& model) {
  std::vector<int64_t> numbers;
  for (const StoredVersion& version : model.versions) {
    numbers.push_back(version.number);
  }
  return numbers;
}

TEST(ScanTest, NamesAndVersionsAreThoseOfTheContract) {
  for (const char* name : {"a", "resnet-50_v1.5", "9lives", "A"}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string(".."), std::string("_a"), std::string("a/b"), std::string("a b"),
        std::string("a\0b", 3), std::string(129, 'a'), std::string("é")}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
  EXPECT_EQ(ParseVersion("1"), 1);
  EXPECT_EQ(ParseVersion("9223372036854775807"), 9223372036854775807);
  for (const char* text : {"", "0", "01", "-1", "+1", "1a", " 1", "9223372036854775808", "1.0"}) {
    EXPECT_EQ(ParseVersion(text), std::nullopt) << text;
  }
}

TEST(ScanTest, FindsModelsAndTheirVersionsInOrder) {
  dnnd::testing::TempDir store;
  store.Write("b/10/model.onnx", "12345");
  store.Write("b/10/weights.bin", "123");
  store.Write("b/9/model.onnx", "1");
  store.Write("b/labels.txt", "x");
  store.Write("a/1/model.onnx", "1");
  const auto scan = ScanStore(store.path());
  ASSERT_THAT(scan, IsOk());
  ASSERT_EQ(scan->models.size(), 2u);
  EXPECT_EQ(scan->models[0].name, "a");
  EXPECT_THAT(Numbers(scan->models[1]), ElementsAre(9, 10));
  EXPECT_EQ(scan->models[1].versions[1].bytes, 8);
  EXPECT_EQ(scan->models[1].versions[1].stamp.bytes, 5);
  EXPECT_EQ(scan->models[1].versions[1].file, store.path() + "/b/10/model.onnx");
  EXPECT_TRUE(scan->ignored.empty());
}

TEST(ScanTest, WhatIsNoModelIsIgnoredWithItsReason) {
  dnnd::testing::TempDir store;
  dnnd::testing::TempDir elsewhere;
  elsewhere.Write("1/model.onnx", "secret");
  namespace fs = std::filesystem;
  store.Write("good/1/model.onnx", "1");
  store.Write("good/007/model.onnx", "1");
  store.Write("good/latest/model.onnx", "1");
  store.Write("good/2/other.onnx", "1");
  fs::create_directories(store.path() + "/good/3/model.onnx");
  fs::create_symlink(elsewhere.path() + "/1", store.path() + "/good/4");
  fs::create_directories(store.path() + "/good/5");
  fs::create_symlink(elsewhere.path() + "/1/model.onnx", store.path() + "/good/5/model.onnx");
  fs::create_symlink(elsewhere.path(), store.path() + "/linked");
  store.Write("_bad name/1/model.onnx", "1");
  store.Write("stray.txt", "1");
  store.Write(".hidden/1/model.onnx", "1");
  store.Write("good/.tmp-6/model.onnx", "1");
  const auto scan = ScanStore(store.path());
  ASSERT_THAT(scan, IsOk());
  ASSERT_EQ(scan->models.size(), 1u);
  EXPECT_THAT(Numbers(scan->models[0]), ElementsAre(1));
  std::map<std::string, std::string> reasons;
  for (const Ignored& entry : scan->ignored) {
    reasons[entry.path.substr(store.path().size())] = entry.reason;
  }
  EXPECT_THAT(reasons, ElementsAre(::testing::Pair("/_bad name", HasSubstr("not a model's name")),
                                   ::testing::Pair("/good/007", HasSubstr("without leading zeros")),
                                   ::testing::Pair("/good/2", "no model.onnx in it"),
                                   ::testing::Pair("/good/3", "model.onnx is not a regular file"),
                                   ::testing::Pair("/good/4", "a symbolic link is not followed"),
                                   ::testing::Pair("/good/5", "model.onnx is not a regular file"),
                                   ::testing::Pair("/good/latest", HasSubstr("not a version")),
                                   ::testing::Pair("/linked", "a symbolic link is not followed"),
                                   ::testing::Pair("/stray.txt", "not a folder")));
}

TEST(ScanTest, AFolderThatMayNotBeReadSaysSo) {
  dnnd::testing::TempDir store;
  store.Write("closed/1/model.onnx", "1");
  namespace fs = std::filesystem;
  fs::permissions(store.path() + "/closed", fs::perms::none);
  const bool root = geteuid() == 0;  // who may read everything
  ASSERT_TRUE(!root ||
              (chown(store.path().c_str(), kNobody, kNobody) == 0 && seteuid(kNobody) == 0));
  const auto scan = ScanStore(store.path());
  const auto model = ScanModel(store.path(), "closed");
  ASSERT_TRUE(!root || seteuid(0) == 0);
  fs::permissions(store.path() + "/closed", fs::perms::owner_all);
  ASSERT_THAT(scan, IsOk());
  ASSERT_EQ(scan->ignored.size(), 1u);
  EXPECT_EQ(scan->ignored[0].reason, "Permission denied");
  EXPECT_THAT(model, StatusIs(absl::StatusCode::kNotFound, HasSubstr("Permission denied")));
}

TEST(ScanTest, WithoutDescriptorsNothingIsTakenForGone) {
  dnnd::testing::TempDir store;
  store.Write("a/1/model.onnx", "1");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = dup(0);
  close(next);
  for (int more = 1; more <= 2; ++more) {  // for the store; for the model
    const rlimit few{static_cast<rlim_t>(next + more), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const auto scan = ScanStore(store.path());
    const auto model = ScanModel(store.path(), "a");
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_THAT(scan, StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_)) << more;
    EXPECT_THAT(model, StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_)) << more;
  }
}

TEST(ScanTest, TheStoreItselfMayBeALinkAndMustExist) {
  dnnd::testing::TempDir store;
  store.Write("real/a/1/model.onnx", "1");
  std::filesystem::create_symlink("real", store.path() + "/link");
  const auto scan = ScanStore(store.path() + "/link");
  ASSERT_THAT(scan, IsOk());
  EXPECT_EQ(scan->models.size(), 1u);
  EXPECT_THAT(ScanStore(store.path() + "/none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("model store")));
}

TEST(ScanTest, OneModelIsFoundByItsNameAlone) {
  dnnd::testing::TempDir store;
  store.Write("a/1/model.onnx", "1");
  EXPECT_THAT(ScanModel(store.path(), "a"), IsOk());
  EXPECT_THAT(ScanModel(store.path(), "b"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("b")));
  EXPECT_THAT(ScanModel(store.path(), "../a"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want ^[A-Za-z0-9]")));
}

}  // namespace
}  // namespace dnnd::server
