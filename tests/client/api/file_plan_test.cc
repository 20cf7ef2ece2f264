#include "client/api/file_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using dnnd::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PlanFilesTest, OnePictureHasTheFileItself) {
  EXPECT_THAT(*PlanFiles("out.png", {"in/a.jpg"}, ".png"), ElementsAre("out.png"));
  EXPECT_THAT(*PlanFiles("anything", {"-"}, ".png"), ElementsAre("anything"));
}

TEST(PlanFilesTest, SeveralPicturesHaveAFolderThatIsMade) {
  const TempDir folder;
  const std::string target = folder.path() + "/a/b";
  EXPECT_THAT(*PlanFiles(target, {"x/p.jpg", "y/p.png", "-", "q", "p-2.png", "-"}, ".mask.png"),
              ElementsAre(target + "/p.mask.png", target + "/p-2.mask.png",
                          target + "/stdin.mask.png", target + "/q.mask.png",
                          target + "/p-2-2.mask.png", target + "/stdin-2.mask.png"));
  EXPECT_TRUE(std::filesystem::is_directory(target));
}

TEST(PlanFilesTest, AFolderTakesOnePictureToo) {
  const TempDir folder;
  EXPECT_THAT(*PlanFiles(folder.path(), {"p.jpg"}, ".png"), ElementsAre(folder.path() + "/p.png"));
  EXPECT_THAT(*PlanFiles(folder.path() + "/new/", {"p.jpg"}, ".png"),
              ElementsAre(folder.path() + "/new/p.png"));
}

TEST(PlanFilesTest, RefusesAFileForSeveralAndAFolderThatCannotBe) {
  const TempDir folder;
  const std::string file = folder.Write("file", "");
  EXPECT_THAT(PlanFiles(file, {"a.png", "b.png"}, ".png"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a file")));
  EXPECT_THAT(PlanFiles(file + "/below", {"a.png", "b.png"}, ".png"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cannot make the folder")));
}

TEST(PlanFilesTest, RefusesNamesThatPromiseSomethingElse) {
  const TempDir folder;
  EXPECT_THAT(PlanFiles(folder.path() + "/all.png", {"a.png", "b.png"}, ".png"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("looks like a file")));
  EXPECT_THAT(PlanFiles(folder.path() + "/a.jpg", {"a.png"}, ".png"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("would be a .png file")));
  EXPECT_THAT(PlanFiles(folder.path() + "/a.png", {"b.png"}, ".mask.json"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("would be a .json file")));
  EXPECT_THAT(PlanFiles(folder.path() + "/none/a.png", {"b.png"}, ".png"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there is no folder")));
}

TEST(PlanFilesTest, NeverNamesAPictureThatIsRead) {
  const TempDir folder;
  const std::string picture = folder.Write("a.png", "picture");
  std::filesystem::create_symlink(picture, folder.path() + "/link.png");
  for (const std::string& target : {picture, folder.path(), folder.path() + "/link.png"}) {
    EXPECT_THAT(PlanFiles(target, {picture}, ".png"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("overwritten")));
  }
  EXPECT_THAT(PlanFiles(folder.path(), {picture}, ".mask.png"), IsOk());
}

}  // namespace
}  // namespace dnnd::client
