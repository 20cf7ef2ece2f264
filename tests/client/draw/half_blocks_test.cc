#include "client/draw/half_blocks.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "client/draw/shapes.h"

namespace dnnd::client {
namespace {

TEST(ShrinkTest, AveragesWhatAPixelStandsFor) {
  Picture picture = *Picture::Create(4, 2);
  FillRect(picture, {0, 0, 1, 2}, {200, 100, 0});
  const Picture small = *Shrink(picture, 2, 1);
  EXPECT_EQ(small.at(0, 0), (Rgb{100, 50, 0}));
  EXPECT_EQ(small.at(1, 0), (Rgb{0, 0, 0}));
}

TEST(ShrinkTest, EveryPixelCountsWhereSizesDoNotDivide) {
  Picture picture = *Picture::Create(7, 5, {70, 70, 70});
  const Picture small = *Shrink(picture, 3, 2);
  for (int x = 0; x < 3; ++x) EXPECT_EQ(small.at(x, 1), (Rgb{70, 70, 70}));
}

TEST(HalfBlocksTest, TwoRowsOfPixelsMakeOneOfText) {
  Picture picture = *Picture::Create(2, 3, {1, 2, 3});
  FillRect(picture, {0, 1, 2, 2}, {4, 5, 6});
  EXPECT_EQ(*HalfBlocks(picture, 10, 10),
            "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀▀\x1b[0m\n"
            "\x1b[38;2;1;2;3m▀▀\x1b[0m\n");
}

TEST(HalfBlocksTest, KeepsProportionsWithinTheBounds) {
  struct Case {
    int width, height, columns, rows, want_columns, want_rows;
  };
  for (const Case& c : {Case{400, 200, 40, 40, 40, 10}, Case{400, 200, 200, 10, 40, 10},
                        Case{200, 400, 40, 40, 40, 40}, Case{1000, 1, 10, 10, 10, 1},
                        Case{1, 1000, 10, 10, 1, 10}, Case{6, 4, 80, 24, 6, 2}}) {
    const std::string text = *HalfBlocks(*Picture::Create(c.width, c.height), c.columns, c.rows);
    const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
    EXPECT_EQ(lines.size(), c.want_rows) << c.width << " x " << c.height;
    int blocks = 0;
    for (size_t at = 0; (at = lines[0].find("▀", at)) != std::string::npos; ++at) ++blocks;
    EXPECT_EQ(blocks, c.want_columns) << c.width << " x " << c.height;
  }
}

TEST(HalfBlocksTest, EveryLineSetsTheColoursBack) {
  const std::string text = *HalfBlocks(*Picture::Create(9, 9, {255, 0, 0}), 20, 20);
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(absl::EndsWith(line, "\x1b[0m")) << line;
  }
}

}  // namespace
}  // namespace dnnd::client
