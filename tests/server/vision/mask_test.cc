#include "server/vision/mask.h"

#include <gtest/gtest.h>
#include <png.h>

#include <random>

namespace dnnd::server {
namespace {

// cocoapi's rleFrString and rleDecode, written after their description.
std::vector<uint8_t> DecodeRunLengths(const std::string& text, int width, int height) {
  std::vector<int64_t> runs;
  for (size_t at = 0; at < text.size();) {
    int64_t number = 0;
    int shift = 0;
    bool more = true;
    while (more) {
      const int digit = text[at++] - 48;
      number |= int64_t{digit & 0x1f} << shift;
      more = (digit & 0x20) != 0;
      shift += 5;
      if (!more && (digit & 0x10) != 0) {
        number |= int64_t{-1} << shift;
      }
    }
    runs.push_back(runs.size() > 2 ? number + runs[runs.size() - 2] : number);
  }
  std::vector<uint8_t> rows(int64_t{width} * height);
  int64_t place = 0;
  uint8_t present = 0;
  for (const int64_t run : runs) {
    for (int64_t i = 0; i < run; ++i, ++place) {
      rows[place % height * width + place / height] = present;
    }
    present = 1 - present;
  }
  EXPECT_EQ(place, int64_t{width} * height);
  return rows;
}

TEST(RunLengths, AreCocosForMasksWhoseStringsAreKnown) {
  struct Case {
    Mask mask;
    const char* counts;
  };
  // Runs by hand: [1], [0 1], [1 2 1], [0 1 2 1]; the last number is told as its difference to the
  // last but one.
  const Case cases[] = {
      {{1, 1, {0}}, "1"},
      {{1, 1, {1}}, "01"},
      {{2, 2, {0, 1, 1, 0}}, "121"},
      {{2, 2, {1, 0, 0, 1}}, "0120"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(EncodeRunLengths(c.mask, 1), c.counts);
  }
}

TEST(RunLengths, GiveEveryMaskBack) {
  std::mt19937 random(20);
  for (int i = 0; i < 200; ++i) {
    const int width = 1 + static_cast<int>(random() % 40);
    const int height = 1 + static_cast<int>(random() % 40);
    Mask mask{width, height, std::vector<uint8_t>(int64_t{width} * height)};
    const unsigned rarity = 1 + random() % 90;
    for (uint8_t& value : mask.values) {
      value = random() % rarity == 0 ? 7 : static_cast<uint8_t>(random() % 2);
    }
    std::vector<uint8_t> wanted;
    for (const uint8_t value : mask.values) {
      wanted.push_back(value == 7 ? 1 : 0);
    }
    EXPECT_EQ(DecodeRunLengths(EncodeRunLengths(mask, 7), width, height), wanted);
  }
}

TEST(RunLengths, OfAPlaceAreThoseOfTheWholePicture) {
  for (const MaskPlace& place : {MaskPlace{2, 1, 7, 5}, {0, 0, 3, 2}, {4, 3, 7, 5}}) {
    const Mask part{3, 2, {1, 0, 1, 1, 1, 0}};
    Mask whole{place.picture_width, place.picture_height, {}};
    whole.values.resize(place.picture_width * place.picture_height);
    for (int i = 0; i < 6; ++i) {
      whole.values[(place.y + i / 3) * place.picture_width + place.x + i % 3] = part.values[i];
    }
    EXPECT_EQ(EncodeRunLengths(part, 1, place), EncodeRunLengths(whole, 1));
  }
  EXPECT_EQ(EncodeRunLengths(Mask(), 1, {2, 1, 7, 5}),
            EncodeRunLengths({7, 5, std::vector<uint8_t>(35)}, 1));
}

TEST(MaskPng, HoldsNoMoreThanTheFile) {
  const std::string file = EncodePng({1000, 1000, std::vector<uint8_t>(1000000)}, false).value();
  EXPECT_LT(file.size(), 10000u);
  EXPECT_EQ(file.capacity(), file.size());
}

TEST(ClassColors, AreThoseOfPascalVoc) {
  // Background, aeroplane, bicycle, person (15) and tvmonitor (20) of VOCdevkit's palette.
  EXPECT_EQ(ClassColor(0), (std::array<uint8_t, 3>{0, 0, 0}));
  EXPECT_EQ(ClassColor(1), (std::array<uint8_t, 3>{128, 0, 0}));
  EXPECT_EQ(ClassColor(2), (std::array<uint8_t, 3>{0, 128, 0}));
  EXPECT_EQ(ClassColor(15), (std::array<uint8_t, 3>{192, 128, 128}));
  EXPECT_EQ(ClassColor(20), (std::array<uint8_t, 3>{0, 64, 128}));
}

TEST(MaskPng, KeepsIndicesUnderAPaletteAndGreyLevelsWithout) {
  Mask mask{5, 3, {}};
  for (int i = 0; i < 15; ++i) {
    mask.values.push_back(static_cast<uint8_t>(17 * i));
  }
  for (const bool with_palette : {true, false}) {
    const std::string file = EncodePng(mask, with_palette).value();
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    ASSERT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0);
    EXPECT_EQ(image.width, 5u);
    EXPECT_EQ(image.height, 3u);
    image.format = PNG_FORMAT_RGB;
    std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
    ASSERT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
    for (int i = 0; i < 15; ++i) {
      const uint8_t value = mask.values[i];
      const std::array<uint8_t, 3> wanted =
          with_palette ? ClassColor(value) : std::array<uint8_t, 3>{value, value, value};
      EXPECT_EQ((std::array<uint8_t, 3>{pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]}),
                wanted);
    }
  }
}

TEST(CountValues, CountsEveryPixel) {
  const auto counts = CountValues({3, 2, {0, 1, 1, 255, 1, 0}});
  EXPECT_EQ(counts[0], 2);
  EXPECT_EQ(counts[1], 3);
  EXPECT_EQ(counts[255], 1);
}

}  // namespace
}  // namespace dnnd::server
