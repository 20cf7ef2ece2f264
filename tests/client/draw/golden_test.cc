// Overlays against pictures that were looked at, pixel by pixel. DNND_UPDATE_GOLDEN=1 writes them
// anew: look at each before it is committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>

#include "client/draw/overlay.h"
#include "client/draw/palette.h"
#include "client/draw/png.h"
#include "client/draw/shapes.h"
#include "tests/testing/image_files.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// A slope of greys and blues, so that one sees what is laid over what.
Picture Backdrop(int width, int height) {
  Picture picture = *Picture::Create(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto across = static_cast<uint8_t>(60 + 120 * x / width);
      const auto down = static_cast<uint8_t>(90 + 120 * y / height);
      picture.Blend(x, y, {across, across, down}, kOpaque);
    }
  }
  return picture;
}

// Two discs of the classes 1 and 2 on 0, the second above the first.
Mask Discs(int width, int height) {
  Mask mask = *EmptyMask(width, height);
  const auto inside = [](int x, int y, int center_x, int center_y, int radius) {
    return (x - center_x) * (x - center_x) + (y - center_y) * (y - center_y) < radius * radius;
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      char& value = mask.values[y * width + x];
      if (inside(x, y, width / 3, height / 2, height / 3)) value = 1;
      if (inside(x, y, width / 2, height / 3, height / 4)) value = 2;
    }
  }
  return mask;
}

void ExpectGolden(const std::string& name, const Picture& picture) {
  const std::string path = std::string(std::getenv("DNND_GOLDEN_DIR")) + "/" + name + ".png";
  if (std::getenv("DNND_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << *EncodePng(picture);
  }
  const auto golden = DecodePng(dnnd::testing::ReadFile(path));
  ASSERT_THAT(golden, IsOk()) << path;
  ASSERT_EQ(picture.width(), golden->width());
  ASSERT_EQ(picture.height(), golden->height());
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      ASSERT_EQ(picture.at(x, y), golden->at(x, y)) << name << " at " << x << ", " << y;
    }
  }
}

std::vector<LabelledBox> Boxes() {
  return {
      {{40.4, 40.6},
       {100, 90},
       ClassColor(0),
       "person 91.0%",
       {{55.5, 60.5}, {70.5, 60.5}, {63, 75}}},
      {{10, 2}, {60, 50}, ClassColor(1), "dog 50%", {}},       // its label does not fit above it
      {{130, 60}, {200, 119}, ClassColor(2), "umbrella", {}},  // nor does this one on the right
      {{20, 100}, {35, 112}, ClassColor(3), "", {{-500, 1e30}}},
      {{-1e30, 110}, {1e30, 1e30}, ClassColor(5), "ground {~}", {}},
  };
}

TEST(GoldenTest, BoxesWithLabelsAndLandmarks) {
  Picture picture = Backdrop(160, 120);
  DrawBoxes(picture, Boxes());
  ExpectGolden("boxes", picture);
}

TEST(GoldenTest, BoxesInALargePictureAreDrawnLarger) {
  Picture picture = Backdrop(600, 480);
  DrawBoxes(picture, {{{50, 80}, {300, 400}, ClassColor(16), "dog 88.1%", {{100, 200}, {150, 210}}},
                      {{310, 50}, {550, 450}, ClassColor(0), "person 75.0%", {}}});
  ExpectGolden("boxes_large", picture);
}

TEST(GoldenTest, ClassesWithALegend) {
  Picture picture = Backdrop(120, 80);
  MaskColors colors;
  colors[1] = ClassColor(1);
  colors[2] = ClassColor(2);
  ASSERT_THAT(DrawClasses(picture, Discs(120, 80), colors), IsOk());
  const auto whole = WithLegend(
      std::move(picture),
      {{ClassColor(1), "dog 20.1%"}, {ClassColor(2), "cat 8.0%"}, {ClassColor(3), "sofa 0.1%"}});
  ASSERT_THAT(whole, IsOk());
  ExpectGolden("classes", *whole);
}

TEST(GoldenTest, OpacitiesWithALegendThatIsWiderThanThePicture) {
  Picture picture = Backdrop(48, 48);
  Mask mask = *EmptyMask(48, 48);
  for (int i = 0; i < 48 * 48; ++i) mask.values[i] = static_cast<char>(i % 48 * 255 / 47);
  ASSERT_THAT(DrawOpacities(picture, mask, ClassColor(1)), IsOk());
  const auto whole = WithLegend(std::move(picture), {{ClassColor(1), "foreground 50%"}});
  ASSERT_THAT(whole, IsOk());
  ExpectGolden("opacities", *whole);
}

TEST(GoldenTest, AllLettersOfTheFont) {
  Picture picture = *Picture::Create(200, 56, {255, 255, 255});
  for (int line = 0; line < 4; ++line) {
    std::string text;
    for (int c = ' ' + 32 * line; c < ' ' + 32 * (line + 1) && c <= '~'; ++c) text += char(c);
    DrawText(picture, 4, 4 + 13 * line, line == 3 ? "naïve €5: 3.5°" : text, 1, {0, 0, 0});
  }
  ExpectGolden("font", picture);
}

TEST(OverlayTest, PlacesThatAreNoNumbersDrawNothingOutside) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  Picture picture = Backdrop(30, 30);
  DrawBoxes(picture,
            {{{nan, -infinity}, {infinity, nan}, ClassColor(1), "odd", {{nan, 3}}},
             {{infinity, 5}, {-infinity, 3}, ClassColor(2), std::string(1 << 20, 'x'), {}}});
  EXPECT_EQ(picture.width(), 30);
}

TEST(OverlayTest, AMaskOfAnotherSizeIsRefused) {
  Picture picture = Backdrop(30, 20);
  EXPECT_THAT(DrawClasses(picture, Discs(20, 30), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("20 x 30 pixels for")));
  EXPECT_THAT(DrawOpacities(picture, Discs(31, 20), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("31 x 20 pixels for")));
}

TEST(OverlayTest, WithoutEntriesThereIsNoLegend) {
  EXPECT_EQ(WithLegend(Backdrop(30, 20), {})->height(), 20);
}

}  // namespace
}  // namespace dnnd::client
