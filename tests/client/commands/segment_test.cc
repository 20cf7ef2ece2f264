#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
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
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kWidth = FakeVision::kPictureWidth, kHeight = FakeVision::kPictureHeight;

std::string BlackPicture() { return SolidPng(kWidth, kHeight, 0, 0, 0); }

// What is laid over black at half opacity: 128 of 255.
Rgb HalfOf(Rgb color) {
  const auto half = [](int value) { return static_cast<uint8_t>((value * 128 + 127) / 255); };
  return {half(color.red), half(color.green), half(color.blue)};
}

using SegmentTest = DnnctlTest;

TEST_F(SegmentTest, PrintsTheShareOfEachClass) {
  const Outcome outcome = Run({"segment", "lenet", "-"}, "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("LABEL         SHARE  PIXELS\n"
                                      "cat           50.0%     600\n"
                                      "background    50.0%     600\n"));
  terminal_ = true;
  EXPECT_THAT(Run({"segment", "lenet", "-"}, "picture").out, HasSubstr("███"));
}

TEST_F(SegmentTest, SendsTheOptionsThatAreGiven) {
  const TempDir folder;
  const Outcome outcome = Run({"segment", "lenet", "-", "--format", "labels", "--threshold", "0.25",
                               "--nearest", "--confidence", folder.path() + "/sure.png"},
                              "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const dnnd::v1::SegmentOptions options = daemon_.vision.last_segment();
  EXPECT_EQ(options.format(), dnnd::v1::SegmentOptions::LABELS);
  EXPECT_EQ(options.threshold(), 0.25f);
  EXPECT_EQ(options.mask_resize(), dnnd::v1::SegmentationHead::NEAREST);
  EXPECT_EQ(ReadFile(folder.path() + "/sure.png"), "sure");
  EXPECT_EQ(Run({"segment", "lenet", "-"}, "picture").exit_code, 0);
  EXPECT_FALSE(daemon_.vision.last_segment().has_threshold());
  EXPECT_FALSE(daemon_.vision.last_segment().confidence());
}

TEST_F(SegmentTest, DrawsTheSameOverlayFromEveryFormat) {
  const TempDir folder;
  for (const std::string format : {"png", "rle", "labels"}) {
    const std::string saved = folder.path() + "/" + format + ".png";
    const Outcome outcome =
        Run({"segment", "lenet", "-", "--format", format, "--save", saved}, BlackPicture());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto overlay = DecodePng(ReadFile(saved));
    ASSERT_TRUE(overlay.ok()) << overlay.status();
    EXPECT_GT(overlay->height(), kHeight) << "no legend";
    EXPECT_EQ(overlay->at(5, 5), HalfOf(ClassColor(1)));
    EXPECT_EQ(overlay->at(19, 5), ClassColor(1));  // the outline
    EXPECT_EQ(overlay->at(30, 5), (Rgb{0, 0, 0})) << "background has no colour";
  }
}

TEST_F(SegmentTest, DrawsOpacities) {
  daemon_.vision.opacities = true;
  const TempDir folder;
  const std::string saved = folder.path() + "/a.png";
  for (const char* format : {"png", "labels"}) {
    const Outcome outcome =
        Run({"segment", "lenet", "-", "-f", format, "--save", saved}, BlackPicture());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto overlay = DecodePng(ReadFile(saved));
    ASSERT_TRUE(overlay.ok()) << overlay.status();
    EXPECT_EQ(overlay->at(19, 5), overlay->at(5, 5)) << "opacities have no outline";
    EXPECT_EQ(overlay->at(5, 5).green, ClassColor(1).green * (200 * 128 / 255) / 255);
    EXPECT_EQ(overlay->at(30, 5), (Rgb{0, 0, 0}));
  }
}

TEST_F(SegmentTest, SavesMasksAsTheyCame) {
  const TempDir folder;
  const auto save = [&](const std::string& format) {
    const std::string file = folder.path() + "/mask";
    const Outcome outcome =
        Run({"segment", "lenet", "-", "-f", format, "--mask", file}, BlackPicture());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return ReadFile(file);
  };
  const auto mask = DecodePngMask(save("png"));
  ASSERT_TRUE(mask.ok()) << mask.status();
  EXPECT_EQ(mask->at(0, 0), 1);
  EXPECT_EQ(mask->at(39, 29), 0);
  EXPECT_EQ(save("labels"), mask->values);
  const auto areas = nlohmann::json::parse(save("rle"));
  EXPECT_EQ(areas[0]["label"], "cat");
  EXPECT_EQ(areas[0]["size"], nlohmann::json({kHeight, kWidth}));
  Mask painted = *EmptyMask(kWidth, kHeight);
  EXPECT_TRUE(PaintRunLengths(std::string(areas[0]["counts"]), 1, painted).ok());
  EXPECT_EQ(painted.values, mask->values);
}

TEST_F(SegmentTest, FilesOfSeveralPicturesHaveNamesOfTheirOwn) {
  const TempDir folder;
  const std::string a = folder.Write("in/a.png", BlackPicture());
  const std::string b = folder.Write("in/b.png", BlackPicture());
  const std::string out = folder.path() + "/out";
  const Outcome outcome =
      Run({"segment", "lenet", a, b, "--save", out, "--mask", out, "--confidence", out});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const std::string name : {"/a", "/b"}) {
    for (const std::string ending : {".png", ".mask.png", ".confidence.png"}) {
      EXPECT_FALSE(ReadFile(absl::StrCat(out, name, ending)).empty()) << name << ending;
    }
  }
}

TEST_F(SegmentTest, ShowsOverlaysAmongJsonNever) {
  shows_pictures_ = true;
  EXPECT_THAT(Run({"segment", "lenet", "-"}, BlackPicture()).out, HasSubstr("▀"));
  const auto json =
      nlohmann::json::parse(Run({"segment", "lenet", "-", "-o", "json"}, BlackPicture()).out);
  EXPECT_EQ(json["results"][0]["areas"][0]["pixels"], "600");
}

}  // namespace
}  // namespace dnnd::client
