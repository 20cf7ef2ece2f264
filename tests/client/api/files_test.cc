#include "client/api/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::client {
namespace {

using dnnd::testing::StatusIs;
using dnnd::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FindPicturesTest, KeepsFilesAsTheyAreNamed) {
  const TempDir folder;
  const std::string file = folder.Write("cat.webp", "x");
  EXPECT_THAT(FindPictures({file, "-", file}, false).value(), ElementsAre(file, "-", file));
}

TEST(FindPicturesTest, TakesThePicturesOfAFolderInOrder) {
  const TempDir folder;
  folder.Write("notes.txt", "x");
  const std::string b = folder.Write("b.JPG", "x");
  const std::string c = folder.Write("sub/c.png", "x");
  const std::string a = folder.Write("a.jpeg", "x");
  EXPECT_THAT(FindPictures({folder.path()}, true).value(), ElementsAre(a, b, c));
}

TEST(FindPicturesTest, SaysWhyItTakesNothing) {
  const TempDir folder;
  EXPECT_THAT(FindPictures({folder.path()}, false),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-r")));
  EXPECT_THAT(FindPictures({folder.path()}, true),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no .jpg")));
  EXPECT_THAT(FindPictures({folder.path() + "/none.jpg"}, true),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.jpg")));
}

TEST(WriteFileTest, WritesAnewAndSaysWhenItCannot) {
  const TempDir folder;
  const std::string file = folder.Write("out", "something longer");
  std::istringstream no_input;
  EXPECT_TRUE(WriteFile(file, "short").ok());
  EXPECT_EQ(ReadFile(file, no_input, 100).value(), "short");
  EXPECT_THAT(WriteFile(folder.path() + "/none/out", "x"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cannot write")));
}

}  // namespace
}  // namespace dnnd::client
