#include "client/draw/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/draw/exif.h"
#include "client/draw/jpeg.h"
#include "client/draw/png.h"
#include "tests/testing/image_files.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::GradientJpeg;
using dnnd::testing::IsOk;
using dnnd::testing::PngHeader;
using dnnd::testing::SolidPng;
using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// What JPEG at quality 90 does to a smooth picture.
constexpr int kJpegTolerance = 8;

std::string Number(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// A big-endian TIFF header with the orientation as its only entry.
std::string Tiff(int orientation) {
  return "MM" + Number(42, 2) + Number(8, 4) + Number(1, 2) + Number(0x0112, 2) + Number(3, 2) +
         Number(1, 4) + Number(orientation, 2) + Number(0, 2) + Number(0, 4);
}

// A JPEG file of the gradient whose Exif segment has this TIFF header.
std::string JpegWithExif(int width, int height, const std::string& tiff) {
  const std::string plain = GradientJpeg(width, height);
  const std::string exif = std::string("Exif\0\0", 6) + tiff;
  return plain.substr(0, 2) + "\xff\xe1" + Number(exif.size() + 2, 2) + exif + plain.substr(2);
}

void ExpectNear(Rgb got, Rgb want) {
  EXPECT_NEAR(got.red, want.red, kJpegTolerance);
  EXPECT_NEAR(got.green, want.green, kJpegTolerance);
}

TEST(DecodePictureTest, ReadsJpegAndPng) {
  const auto png = DecodePicture(SolidPng(3, 2, 10, 20, 30));
  ASSERT_THAT(png, IsOk());
  EXPECT_EQ(png->width(), 3);
  EXPECT_EQ(png->height(), 2);
  EXPECT_EQ(png->at(2, 1), (Rgb{10, 20, 30}));
  const auto jpeg = DecodePicture(GradientJpeg(64, 32));
  ASSERT_THAT(jpeg, IsOk());
  ExpectNear(jpeg->at(32, 16), {127, 127, 128});
}

TEST(DecodePictureTest, AppliesTheOrientationOfExif) {
  // The stored picture gets redder to the right and greener downwards; its corner at the top left
  // is dark. Where the dark corner is in the upright picture, and whether its sides are swapped:
  struct Case {
    int orientation;
    bool right, bottom, lies;
  };
  const Case cases[] = {{1, false, false, false}, {2, true, false, false}, {3, true, true, false},
                        {4, false, true, false},  {5, false, false, true}, {6, true, false, true},
                        {7, true, true, true},    {8, false, true, true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.orientation);
    const auto picture = DecodePicture(JpegWithExif(64, 32, Tiff(c.orientation)));
    ASSERT_THAT(picture, IsOk());
    EXPECT_EQ(picture->width(), c.lies ? 32 : 64);
    const int right = picture->width() - 1, bottom = picture->height() - 1;
    ExpectNear(picture->at(c.right ? right : 0, c.bottom ? bottom : 0), {0, 0, 128});
    // The corner to its right when stored: red, not green.
    const bool down = c.lies ? !c.bottom : c.bottom, across = c.lies ? c.right : !c.right;
    ExpectNear(picture->at(across ? right : 0, down ? bottom : 0), {251, 0, 128});
  }
}

TEST(DecodePictureTest, ExifThatMeansNothingIsUpright) {
  const std::string good = Tiff(6);
  for (const std::string& tiff : {Tiff(0), Tiff(9), std::string(), std::string("MM"),
                                  good.substr(0, 15), "II" + good.substr(2), "XX" + good.substr(2),
                                  "MM" + Number(42, 2) + Number(0xFFFFFFFF, 4)}) {
    EXPECT_EQ(ExifOrientation(JpegWithExif(8, 8, tiff)), 1);
  }
  EXPECT_EQ(ExifOrientation(JpegWithExif(8, 8, good)), 6);
}

TEST(DecodePictureTest, ExifOfPngStandsInItsChunk) {
  const std::string plain = SolidPng(3, 2, 1, 2, 3);
  constexpr size_t kAfterHeader = 33;
  const std::string tiff = Tiff(8);
  // Its checksum is not looked at, for libpng skips the chunk.
  const std::string chunk = Number(tiff.size(), 4) + "eXIf" + tiff + Number(0, 4);
  EXPECT_EQ(ExifOrientation(plain.substr(0, kAfterHeader) + chunk + plain.substr(kAfterHeader)), 8);
  EXPECT_EQ(ExifOrientation(plain), 1);
}

TEST(DecodePictureTest, RefusesWhatIsNoPictureOrBroken) {
  const std::string png = SolidPng(40, 40, 1, 2, 3), jpeg = GradientJpeg(40, 40);
  for (const std::string& bytes :
       {std::string(), std::string("GIF89a"), png.substr(0, 40), png.substr(0, 20),
        PngHeader(40, 40), jpeg.substr(0, 60), jpeg.substr(0, 3)}) {
    EXPECT_THAT(DecodePicture(bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
  }
}

TEST(DecodePictureTest, ChecksASizeBeforeItTakesMemory) {
  std::string jpeg = GradientJpeg(40, 40);
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, Number(60000, 2) + Number(60000, 2));
  EXPECT_THAT(DecodePicture(jpeg),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("60000 x 60000")));
}

TEST(PngTest, WhatIsWrittenIsReadBack) {
  Picture picture = *Picture::Create(5, 3);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 5; ++x) {
      picture.Blend(x, y, {static_cast<uint8_t>(50 * x), static_cast<uint8_t>(80 * y), 7}, 255);
    }
  }
  const auto encoded = EncodePng(picture);
  ASSERT_THAT(encoded, IsOk());
  const auto decoded = DecodePng(*encoded);
  ASSERT_THAT(decoded, IsOk());
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 5; ++x) EXPECT_EQ(decoded->at(x, y), picture.at(x, y));
  }
}

TEST(PngTest, AMaskOfColoursIsRefused) {
  EXPECT_THAT(DecodePngMask(SolidPng(2, 2, 1, 2, 3)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("palette or 8 bits of grey")));
}

}  // namespace
}  // namespace dnnd::client
