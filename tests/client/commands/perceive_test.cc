#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
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
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Frames come as fast as they go: what is tested is who is answered, not when.
const std::string kFast = "100000";

class PerceiveTest : public DnnctlTest {
 protected:
  // Frames named 0.png, 1.png and so on.
  std::string Frames(int count) {
    for (int i = 0; i < count; ++i)
      folder_.Write("in/" + std::to_string(i) + ".png", GreyPicture());
    return folder_.path() + "/in";
  }

  TempDir folder_;
};

TEST_F(PerceiveTest, PrintsTheAnswerOfEachModelUnderItsName) {
  const Outcome outcome = Run({"perceive", "boxes,halves,tabbies", "-"}, "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              StartsWith("boxes@2\n"
                         "  LABEL   SCORE  LEFT   TOP  RIGHT  BOTTOM  LANDMARKS\n"
                         "  dog     87.5%   4.0  12.0   20.0    28.0  8.5,18.5 14.5,18.5\n"
                         "  person  50.0%  24.0  14.0   38.0    29.0\n"
                         "halves@2\n"
                         "  LABEL         SHARE  PIXELS\n"
                         "  cat           50.0%     600\n"
                         "  background    50.0%     600\n"
                         "tabbies@2\n"
                         "  tabby?[2J    75.0%\n"));
  EXPECT_THAT(outcome.out, HasSubstr("boxes@2, halves@2, tabbies@2\n"));
}

TEST_F(PerceiveTest, PrintsOneLineOfJsonForEachPicture) {
  const Outcome outcome = Run({"-o", "json", "perceive", "boxes,halves", "-r", Frames(2)});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::vector<std::string> lines = absl::StrSplit(outcome.out, '\n', absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(2));
  const auto json = nlohmann::json::parse(lines[1]);
  EXPECT_EQ(json["results"][0]["detections"]["detections"][0]["category"]["label"], "dog");
  EXPECT_EQ(json["results"][1]["segmentation"]["areas"][0]["pixels"], "600");
}

TEST_F(PerceiveTest, ABadPictureIsNamedAndTheOthersAreAnswered) {
  const std::string bad = folder_.Write("bad.png", "bad");
  const std::string good = folder_.Write("good.png", GreyPicture());
  const Outcome outcome = Run({"perceive", "boxes", good, bad, good});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, ContainsRegex(good + "\n(.*\n)*" + good + "\n  boxes@2\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr(bad)));
  EXPECT_THAT(outcome.err, HasSubstr("image (" + bad + ")"));
}

TEST_F(PerceiveTest, DrawsMasksUnderBoxesAboveALegend) {
  const std::string picture = folder_.Write("a.png", GreyPicture());
  const std::string saved = folder_.path() + "/all.png";
  const Outcome outcome = Run({"perceive", "boxes,tabbies,halves", picture, "--save", saved});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto overlay = DecodePng(ReadFile(saved));
  ASSERT_TRUE(overlay.ok()) << overlay.status();
  EXPECT_GT(overlay->height(), FakeVision::kPictureHeight);
  EXPECT_EQ(overlay->at(4, 27), ClassColor(1));  // the dog's box, on the cat's mask
  EXPECT_NE(overlay->at(2, 25), kGrey);          // the cat
  EXPECT_EQ(overlay->at(22, 25), kGrey);         // background, which stays as it is
}

TEST_F(PerceiveTest, AStreamSaysWhoWasDroppedAndHowLateAnswersWere) {
  const Outcome outcome = Run({"perceive", "boxes", "-r", Frames(5), "--fps", kFast});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("0.png · delay 12.5 ms · dropped 0\n  boxes@2\n"),
                    HasSubstr("2.png · delay 12.5 ms · dropped 1\n"),
                    HasSubstr("4.png · delay 12.5 ms · dropped 1\n"), Not(HasSubstr("1.png"))));
  EXPECT_THAT(outcome.out, HasSubstr(" a second), 2 dropped · delay mean 12.5 ms, p50 12.5 ms"));
  EXPECT_FALSE(daemon_.vision.last_stream().has_max_age_ms());
}

TEST_F(PerceiveTest, AStreamIsOneLineOfJsonForEachAnswer) {
  const Outcome outcome = Run(
      {"-o", "json", "perceive", "boxes", "-r", Frames(5), "--fps", kFast, "--max-age", "250ms"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::vector<std::string> ids;
  for (const auto line : absl::StrSplit(outcome.out, '\n', absl::SkipEmpty())) {
    ids.push_back(nlohmann::json::parse(std::string(line))["frame"]["id"]);
  }
  EXPECT_THAT(ids, ElementsAre("0", "2", "4"));
  EXPECT_EQ(daemon_.vision.last_stream().max_age_ms(), 250);
}

TEST_F(PerceiveTest, AStreamSavesOverlaysOfWhatWasAnswered) {
  const std::string saved = folder_.path() + "/out/";
  const Outcome outcome =
      Run({"perceive", "halves", "-r", Frames(4), "--fps", kFast, "--save", saved});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const int i : {0, 1, 2, 3}) {
    EXPECT_EQ(std::filesystem::exists(saved + std::to_string(i) + ".png"), i % 2 == 0) << i;
  }
}

TEST_F(PerceiveTest, ABadFrameIsToldAndTheStreamGoesOn) {
  const std::string frames = Frames(5);
  folder_.Write("in/2.png", "bad");
  const Outcome outcome = Run({"perceive", "boxes", "-r", frames, "--fps", kFast});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("error: a picture cannot be read\n"),
                                 HasSubstr("image (" + frames + "/2.png): no picture")));
  EXPECT_THAT(outcome.out, HasSubstr("4.png · delay"));
  EXPECT_THAT(outcome.out, HasSubstr(" a second), 2 dropped, 1 failed · delay mean 12.5 ms"));
}

TEST_F(PerceiveTest, AStreamThatTheServerEndsSaysWhy) {
  daemon_.vision.stream_ends =
      Refusal(grpc::StatusCode::UNAVAILABLE, "the server goes down", "SERVER_DRAINING");
  const Outcome outcome = Run({"perceive", "boxes", "-r", Frames(2), "--fps", kFast});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("SERVER_DRAINING (UNAVAILABLE)"));
}

TEST_F(PerceiveTest, AFrameThatCannotBeDrawnEndsTheStream) {
  const std::string frames = Frames(3);
  folder_.Write("in/0.png", SolidPng(9, 9, 1, 2, 3));
  const Outcome outcome = Run({"perceive", "boxes", "-r", frames, "--fps", kFast, "--show"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("40 x 30 pixels, the picture has 9 x 9"));
}

TEST_F(PerceiveTest, NamesTheFileThatTheServerRefuses) {
  const std::string bad = folder_.Write("bad.jpg", "bad");
  const Outcome outcome = Run({"perceive", "boxes", bad});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("image (" + bad + "): no picture"));
}

}  // namespace
}  // namespace dnnd::client
