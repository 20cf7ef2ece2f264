#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "client/draw/palette.h"
#include "client/draw/png.h"
#include "tests/client/commands/dnnctl_test.h"
#include "tests/testing/image_files.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::client {
namespace {

using dnnd::testing::ReadFile;
using dnnd::testing::SolidPng;
using dnnd::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using DetectTest = DnnctlTest;

TEST_F(DetectTest, PrintsOneLineForEachThing) {
  const Outcome outcome = Run({"detect", "lenet", "-"}, "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              StartsWith("LABEL   SCORE  LEFT   TOP  RIGHT  BOTTOM  LANDMARKS\n"
                         "dog     87.5%   4.0  12.0   20.0    28.0  8.5,18.5 14.5,18.5\n"
                         "person  50.0%  24.0  14.0   38.0    29.0\n"
                         "decode 0.00 ms"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

TEST_F(DetectTest, SaysThatNothingWasFound) {
  daemon_.vision.nothing_found = true;
  const Outcome outcome = Run({"detect", "lenet", "-"}, "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("nothing found\n"));
}

TEST_F(DetectTest, PrintsOneLineOfJson) {
  const auto json =
      nlohmann::json::parse(Run({"-o", "json", "detect", "lenet", "-", "-"}, "picture").out);
  EXPECT_EQ(json["results"].size(), 2);
  EXPECT_EQ(json["results"][0]["detections"][1]["box"]["x_max"], 38);
  EXPECT_EQ(json["results"][0]["detections"][0]["keypoints"][0]["y"], 18.5);
}

TEST_F(DetectTest, SendsOnlyTheOptionsThatAreGiven) {
  EXPECT_EQ(Run({"detect", "lenet", "-"}, "picture").exit_code, 0);
  EXPECT_EQ(daemon_.vision.last_detect().ByteSizeLong(), 0);
  const Outcome outcome =
      Run({"detect", "lenet", "-", "-s", "0.25", "--iou-threshold", "0", "-n", "7", "-c", "16,3",
           "--min-size", "12.5", "--class-agnostic", "--soft-nms", "--masks"},
          "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const dnnd::v1::DetectOptions options = daemon_.vision.last_detect();
  EXPECT_EQ(options.score_threshold(), 0.25f);
  EXPECT_TRUE(options.has_iou_threshold());
  EXPECT_EQ(options.iou_threshold(), 0);
  EXPECT_EQ(options.max_detections(), 7);
  EXPECT_THAT(options.classes(), ElementsAre(3, 16));
  EXPECT_EQ(options.min_size_pixels(), 12.5f);
  EXPECT_TRUE(options.class_agnostic());
  EXPECT_TRUE(options.soft_nms());
  EXPECT_EQ(options.masks(), dnnd::v1::DetectOptions::RLE);
}

TEST_F(DetectTest, FindsClassesByName) {
  struct Case {
    std::vector<std::string> flags;
    std::vector<std::string> want;
    std::string note;
  };
  const Case cases[] = {
      {{"--classes", "Person"}, {"person"}, ""},
      {{"--classes", "person,16"}, {"dog", "person"}, ""},
      {{"--classes", "person,dog", "-n", "1"}, {"dog"}, ""},
      {{"--classes", "dgo"}, {}, "note: no box is labelled \"dgo\"\n"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = {"-o", "json", "detect", "lenet", "-"};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());
    const Outcome outcome = Run(arguments, "picture");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, c.note);
    std::vector<std::string> labels;
    const auto json = nlohmann::json::parse(outcome.out);
    for (const auto& thing : json["results"][0]["detections"]) {
      labels.push_back(thing["category"]["label"]);
    }
    EXPECT_EQ(labels, c.want) << c.flags[1];
    EXPECT_EQ(daemon_.vision.last_detect().max_detections(), 1000);
    EXPECT_EQ(daemon_.vision.last_detect().classes_size(), 0);
  }
}

TEST_F(DetectTest, SavesAnOverlayOfOnePictureAsAFile) {
  const TempDir folder;
  const std::string picture = folder.Write("a.png", GreyPicture());
  const std::string saved = folder.path() + "/boxes.png";
  for (const char* format : {"table", "json"}) {
    const Outcome outcome = Run({"detect", "lenet", picture, "--save", saved, "-o", format});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto overlay = DecodePng(ReadFile(saved));
    ASSERT_TRUE(overlay.ok()) << overlay.status();
    EXPECT_EQ(overlay->width(), FakeVision::kPictureWidth);
    EXPECT_EQ(overlay->at(4, 27), ClassColor(16));
    EXPECT_EQ(overlay->at(37, 28), ClassColor(0));
    EXPECT_EQ(overlay->at(8, 18), ClassColor(0));  // the first landmark
    EXPECT_EQ(overlay->at(12, 24), kGrey);
    EXPECT_TRUE(std::filesystem::remove(saved));
  }
}

TEST_F(DetectTest, SavesOverlaysOfSeveralPicturesInAFolder) {
  const TempDir folder;
  folder.Write("in/a.png", GreyPicture());
  folder.Write("in/below/a.png", GreyPicture());
  const std::string saved = folder.path() + "/out/overlays";
  const Outcome outcome = Run({"detect", "lenet", "-r", folder.path() + "/in", "--save", saved});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("a.png\n  LABEL"), HasSubstr("below/a.png\n  LABEL")));
  for (const char* name : {"/a.png", "/a-2.png"}) {
    EXPECT_TRUE(DecodePng(ReadFile(saved + name)).ok()) << name;
  }
}

TEST_F(DetectTest, NeverOverwritesAPicture) {
  const TempDir folder;
  const std::string picture = folder.Write("a.png", GreyPicture());
  for (const std::string& target : {picture, folder.path(), folder.path() + "/./a.png"}) {
    const Outcome outcome = Run({"detect", "lenet", picture, "--save", target});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("would be overwritten"));
  }
  const Outcome outcome = Run({"detect", "lenet", "-", "-", "--save", picture}, GreyPicture());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("several pictures want a folder"));
  EXPECT_EQ(daemon_.vision.calls, 0);
}

TEST_F(DetectTest, ShowsOverlaysWhereTheTerminalCan) {
  const std::string picture = GreyPicture();
  EXPECT_THAT(Run({"detect", "lenet", "-"}, picture).out, Not(HasSubstr("▀")));
  EXPECT_THAT(Run({"detect", "lenet", "-", "--show"}, picture).out, HasSubstr("▀"));
  shows_pictures_ = true;
  EXPECT_THAT(Run({"detect", "lenet", "-"}, picture).out, HasSubstr("\x1b[38;2;90;90;90m"));
  EXPECT_THAT(Run({"detect", "lenet", "-", "--no-show"}, picture).out, Not(HasSubstr("▀")));
  EXPECT_THAT(Run({"detect", "lenet", "-", "-o", "json"}, picture).out, Not(HasSubstr("▀")));
}

TEST_F(DetectTest, APictureThatIsNotTheOneAnsweredIsNotDrawn) {
  const Outcome outcome = Run({"detect", "lenet", "-", "--show"}, SolidPng(9, 9, 1, 2, 3));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("40 x 30 pixels, the picture has 9 x 9"));
}

TEST_F(DetectTest, OverlaysBelongToTheirPicturesThoughSomeAreRefused) {
  const TempDir folder;
  const std::string bad = folder.Write("in/a.png", "bad");
  folder.Write("in/b.png", GreyPicture());
  const std::string saved = folder.path() + "/out/";
  const Outcome outcome = Run({"detect", "lenet", "-r", folder.path() + "/in", "--save", saved});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("images[0] (" + bad + "): no picture"));
  EXPECT_FALSE(std::filesystem::exists(saved + "a.png"));
  EXPECT_TRUE(std::filesystem::exists(saved + "b.png"));
}

}  // namespace
}  // namespace dnnd::client
