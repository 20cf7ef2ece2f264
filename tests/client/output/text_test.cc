#include "client/output/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dnnd::client {
namespace {

TEST(DisplayWidthTest, CountsCodePointsAndNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("cat"), 3);
  EXPECT_EQ(DisplayWidth("Käse"), 4);
  EXPECT_EQ(DisplayWidth("██▌"), 3);
}

TEST(PrintableTest, TakesTheTerminalOutOfTheHandsOfALabel) {
  struct Case {
    std::string text, want;
  };
  for (const Case& c : {
           Case{"tabby, tabby cat", "tabby, tabby cat"},
           Case{"Käse 猫", "Käse 猫"},
           Case{"\x1b[2J gone", "?[2J gone"},
           Case{"two\nlines\r\t", "two?lines??"},
           Case{std::string("nul\0", 4), "nul?"},
           Case{"rub\x7f", "rub?"},
           // U+009B, which some terminals take for ESC [.
           Case{"c1 \xC2\x9B"
                "2J",
                "c1 ?2J"},
           Case{"\xC2\xA9 is no control character", "\xC2\xA9 is no control character"},
           Case{"cut off \xC2", "cut off \xC2"},
       }) {
    EXPECT_EQ(Printable(c.text), c.want);
  }
}

TEST(HumanBytesTest, KeepsTwoOrThreeDigits) {
  struct Case {
    int64_t bytes;
    std::string want;
  };
  for (const Case& c :
       {Case{0, "0 B"}, Case{999, "999 B"}, Case{1000, "1.0 kB"}, Case{9949, "9.9 kB"},
        Case{9960, "10 kB"}, Case{999499, "999 kB"}, Case{999500, "1.0 MB"},
        Case{31000000, "31 MB"}, Case{INT64_MAX, "9223372 TB"}}) {
    EXPECT_EQ(HumanBytes(c.bytes), c.want) << c.bytes;
  }
}

TEST(HumanMillisecondsTest, KeepsThreeDigits) {
  struct Case {
    double ms;
    std::string want;
  };
  for (const Case& c :
       {Case{0, "0.00 ms"}, Case{0.424, "0.42 ms"}, Case{9.994, "9.99 ms"}, Case{9.996, "10.0 ms"},
        Case{99.96, "100 ms"}, Case{999.6, "1.00 s"}, Case{61200, "61.20 s"}}) {
    EXPECT_EQ(HumanMilliseconds(c.ms), c.want) << c.ms;
  }
}

TEST(HumanAgeTest, NamesTheTwoLargestUnits) {
  EXPECT_EQ(HumanAge(absl::Seconds(12.9)), "12s");
  EXPECT_EQ(HumanAge(absl::Seconds(125)), "2m 5s");
  EXPECT_EQ(HumanAge(absl::Hours(5) + absl::Minutes(7)), "5h 7m");
  EXPECT_EQ(HumanAge(absl::Hours(76)), "3d 4h");
  EXPECT_EQ(HumanAge(-absl::Seconds(3)), "0s");
}

TEST(BarTest, FillsItsFractionInEighths) {
  EXPECT_EQ(Bar(0, 4), "");
  EXPECT_EQ(Bar(1, 4), "████");
  EXPECT_EQ(Bar(0.5, 4), "██");
  EXPECT_EQ(Bar(1.0 / 32, 4), "▏");
  EXPECT_EQ(Bar(0.875, 1), "▉");
}

TEST(BarTest, StaysInsideForFractionsThatAreNone) {
  EXPECT_EQ(Bar(7, 2), "██");
  EXPECT_EQ(Bar(-1, 2), "");
  EXPECT_EQ(Bar(std::nan(""), 2), "");
}

}  // namespace
}  // namespace dnnd::client
