#include "client/draw/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "client/draw/font.h"
#include "client/draw/palette.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr Rgb kBlack = {0, 0, 0};
constexpr Rgb kRed = {255, 0, 0};

// The picture as text: '#' where it is red, '.' where it is black, '?' for anything else.
std::string Text(const Picture& picture) {
  std::string text;
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const Rgb color = picture.at(x, y);
      text += color == kRed ? '#' : color == kBlack ? '.' : '?';
    }
    text += '\n';
  }
  return text;
}

TEST(PictureTest, SizesAreCheckedBeforeMemoryIsTaken) {
  for (const auto& [width, height] : {std::pair<int64_t, int64_t>{0, 5}, {5, -1}}) {
    EXPECT_THAT(Picture::Create(width, height),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no pixels")));
  }
  for (const auto& [width, height] :
       {std::pair<int64_t, int64_t>{65536, 1}, {60000, 60000}, {int64_t{1} << 62, 8}}) {
    EXPECT_THAT(Picture::Create(width, height),
                StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("too large")));
  }
}

TEST(ShapesTest, RectanglesAreCutAtTheEdges) {
  Picture picture = *Picture::Create(6, 4);
  FillRect(picture, {4, -3, 9, 2}, kRed);
  FillRect(picture, {2, 3, 2, 4}, kRed);     // empty
  FillRect(picture, {-9, -9, -1, 9}, kRed);  // outside
  EXPECT_EQ(Text(picture),
            "....##\n"
            "....##\n"
            "......\n"
            "......\n");
}

TEST(ShapesTest, OutlinesLieInsideTheirRectangle) {
  Picture picture = *Picture::Create(7, 6);
  StrokeRect(picture, {1, 0, 7, 5}, 1, kRed);
  EXPECT_EQ(Text(picture),
            ".######\n"
            ".#....#\n"
            ".#....#\n"
            ".#....#\n"
            ".######\n"
            ".......\n");
  StrokeRect(picture, {2, 2, 4, 3}, 5, kRed);  // thicker than it is
  EXPECT_EQ(Text(picture).substr(16, 7), ".###..#");
}

TEST(ShapesTest, DiscsAreRound) {
  Picture picture = *Picture::Create(7, 6);
  FillDisc(picture, 3, 3, 2, kRed);
  FillDisc(picture, 0, 0, 1, kRed);
  EXPECT_EQ(Text(picture),
            "##.....\n"
            "#.###..\n"
            ".#####.\n"
            ".#####.\n"
            ".#####.\n"
            "..###..\n");
}

TEST(ShapesTest, OpacityMixesColours) {
  Picture picture = *Picture::Create(1, 1, {100, 100, 0});
  picture.Blend(0, 0, {200, 0, 0}, 128);
  EXPECT_EQ(picture.at(0, 0), (Rgb{150, 50, 0}));
  picture.Blend(0, 0, {9, 9, 9}, 0);
  EXPECT_EQ(picture.at(0, 0), (Rgb{150, 50, 0}));
  picture.Blend(1, 0, {9, 9, 9}, 255);  // outside
  EXPECT_EQ(picture.at(0, 0), (Rgb{150, 50, 0}));
}

TEST(TextTest, LettersAreDrawnAtTheirScale) {
  Picture picture = *Picture::Create(11, 8);
  DrawText(picture, 0, 0, "T1", 1, kRed);
  EXPECT_EQ(Text(picture),
            "#####...#..\n"
            "..#....##..\n"
            "..#.....#..\n"
            "..#.....#..\n"
            "..#.....#..\n"
            "..#.....#..\n"
            "..#....###.\n"
            "...........\n");
  EXPECT_EQ(TextWidth("T1", 1), 11);
  EXPECT_EQ(TextWidth("T1", 3), 33);
  EXPECT_EQ(TextWidth("", 3), 0);
  EXPECT_EQ(TextHeight(2), 18);
}

TEST(TextTest, EveryPrintableCharacterHasAGlyphOfItsOwn) {
  std::set<std::string> glyphs;
  for (char32_t c = ' '; c <= '~' + 1; ++c) {  // the last one stands for all that is unknown
    std::string glyph;
    for (int y = 0; y < kGlyphHeight; ++y) {
      for (int x = 0; x < kGlyphWidth; ++x) glyph += HasInk(c, x, y) ? '#' : '.';
    }
    EXPECT_TRUE(glyphs.insert(glyph).second) << static_cast<char>(c) << ' ' << glyph;
  }
  EXPECT_FALSE(HasInk('M', -1, 0) || HasInk('M', 5, 0) || HasInk('M', 0, -1) || HasInk('M', 0, 9));
}

TEST(TextTest, WhatIsNotAsciiTakesOneFrameACharacter) {
  EXPECT_EQ(TextWidth("é", 1), TextWidth("e", 1));
  EXPECT_EQ(TextWidth("€x", 1), TextWidth("ex", 1));
  EXPECT_EQ(TextWidth(std::string(1'000'000, 'x'), 1), TextWidth(std::string(64, 'x'), 1));
  Picture frame = *Picture::Create(5, 7), torn = *Picture::Create(5, 7);
  DrawText(frame, 0, 0, "é", 1, kRed);
  DrawText(torn, 0, 0, "\xe2\x82", 1, kRed);
  EXPECT_EQ(Text(frame), Text(torn));
  EXPECT_THAT(Text(frame), HasSubstr("#...#"));
}

TEST(PaletteTest, ClassesHaveColoursOfTheirOwn) {
  std::set<std::tuple<int, int, int>> colors;
  for (int index = 0; index < 360; ++index) {
    const Rgb color = ClassColor(index);
    colors.emplace(color.red, color.green, color.blue);
  }
  EXPECT_EQ(colors.size(), 360);
  EXPECT_EQ(ClassColor(-1), ClassColor(-1));
  EXPECT_EQ(TextColor({255, 255, 0}), kBlack);
  EXPECT_EQ(TextColor({0, 0, 255}), (Rgb{255, 255, 255}));
}

}  // namespace
}  // namespace dnnd::client
