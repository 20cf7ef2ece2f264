#include "engine/base/byte_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::dnnd::testing::TempDir;
using ::testing::HasSubstr;

std::string ReadAll(const ByteSource& source) {
  std::string bytes(source.size(), '\0');
  EXPECT_THAT(source.Read(0, source.size(), bytes.data()), IsOk());
  return bytes;
}

TEST(ByteSource, AFileAndMemoryGiveTheSameBytes) {
  const TempDir folder;
  const std::string path = folder.Write("f", "some bytes");
  const auto file = OpenFile(path);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(ReadAll(**file), "some bytes");
  EXPECT_EQ(ReadAll(*BytesInMemory("some bytes")), "some bytes");
}

TEST(ByteSource, AReadThatLeavesTheSourceIsRefused) {
  const TempDir folder;
  const auto file = *OpenFile(folder.Write("f", "0123456789"));
  const auto memory = BytesInMemory("0123456789");
  struct Range {
    int64_t offset;
    int64_t bytes;
  };
  char buffer[16];
  for (const Range& range : {Range{-1, 1}, Range{0, -1}, Range{0, 11}, Range{10, 1}, Range{11, 0},
                             Range{5, INT64_MAX}, Range{INT64_MAX, INT64_MAX}}) {
    for (const ByteSource* source : {file.get(), memory.get()}) {
      EXPECT_THAT(source->Read(range.offset, range.bytes, buffer),
                  StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("10 bytes")));
    }
  }
  EXPECT_THAT(file->Read(10, 0, buffer), IsOk());
}

TEST(ByteSource, AFileThatShrankIsDataLossAndNoCrash) {
  const TempDir folder;
  const std::string path = folder.Write("f", std::string(100, 'x'));
  const auto file = *OpenFile(path);
  std::filesystem::resize_file(path, 10);
  char buffer[100];
  EXPECT_THAT(file->Read(0, 100, buffer),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("shorter")));
}

TEST(ByteSource, AFileThatWasReplacedKeepsItsBytes) {
  const TempDir folder;
  const std::string path = folder.Write("f", "old");
  const auto file = *OpenFile(path);
  std::filesystem::rename(folder.Write("g", "new"), path);
  EXPECT_EQ(ReadAll(*file), "old");
}

TEST(ByteSource, OnlyRegularFilesAreOpened) {
  const TempDir folder;
  ASSERT_EQ(mkfifo((folder.path() + "/fifo").c_str(), 0600), 0);
  EXPECT_THAT(OpenFile(folder.path() + "/fifo"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a regular file")));
  EXPECT_THAT(OpenFile(folder.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a regular file")));
  EXPECT_THAT(OpenFile(folder.path() + "/none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST(OpenFileBeneath, NeverLeavesTheFolder) {
  const TempDir folder;
  const std::string outside = folder.Write("outside", "secret");
  folder.Write("in/deep/file", "fine");
  const std::string inside = folder.path() + "/in";
  std::filesystem::create_symlink("../outside", inside + "/link");
  std::filesystem::create_symlink("deep/file", inside + "/inner_link");
  std::filesystem::create_directory_symlink("..", inside + "/up");
  std::filesystem::create_hard_link(outside, inside + "/hard");
  EXPECT_THAT(OpenFileBeneath(inside, "deep/file"), IsOk());
  EXPECT_THAT(OpenFileBeneath(inside, "deep/../deep/file"), IsOk());
  for (const char* name : {"../outside", "deep/../../outside", "link", "inner_link", "up/outside",
                           "hard", "deep", "", "none"}) {
    EXPECT_FALSE(OpenFileBeneath(inside, name).ok()) << name;
  }
  EXPECT_FALSE(OpenFileBeneath(inside, outside).ok());
}

}  // namespace
}  // namespace dnnd::engine
