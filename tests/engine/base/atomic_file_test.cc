#include "engine/base/atomic_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::dnnd::testing::TempDir;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int64_t FilesIn(const std::string& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

TEST(AtomicFile, AppearsWholeAtCommitAndReplacesTheOldOne) {
  const TempDir folder;
  const std::string path = folder.Write("f", "old");
  const auto file = AtomicFile::Create(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Write("new "), IsOk());
  ASSERT_THAT((*file)->Write("contents"), IsOk());
  EXPECT_EQ(Contents(path), "old");
  ASSERT_THAT((*file)->Commit(), IsOk());
  EXPECT_EQ(Contents(path), "new contents");
  EXPECT_EQ(FilesIn(folder.path()), 1);
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const TempDir folder;
  {
    const auto file = AtomicFile::Create(folder.path() + "/f");
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Write("half"), IsOk());
  }
  EXPECT_EQ(FilesIn(folder.path()), 0);
}

TEST(AtomicFile, NeedsItsFolder) {
  EXPECT_THAT(AtomicFile::Create("/nonexistent/f"),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("/nonexistent/f")));
}

TEST(AtomicFile, IsReadableByOthersAsTheUmaskAllows) {
  const TempDir folder;
  const std::string path = folder.path() + "/f";
  const auto file = AtomicFile::Create(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Commit(), IsOk());
  const std::string plain = folder.Write("plain", "");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::status(plain).permissions());
}

TEST(AtomicFile, TwoOfOneNameDoNotMeet) {
  const TempDir folder;
  const std::string path = folder.path() + "/f";
  const auto first = AtomicFile::Create(path);
  const auto second = AtomicFile::Create(path);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT((*first)->Write("first"), IsOk());
  ASSERT_THAT((*second)->Write("second"), IsOk());
  ASSERT_THAT((*second)->Commit(), IsOk());
  EXPECT_EQ(Contents(path), "second");
  ASSERT_THAT((*first)->Commit(), IsOk());
  EXPECT_EQ(Contents(path), "first");
}

}  // namespace
}  // namespace dnnd::engine
