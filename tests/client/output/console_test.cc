#include "client/output/console.h"

#include <gtest/gtest.h>

#include <sstream>

namespace dnnd::client {
namespace {

TEST(MayColourTest, IsForTerminalsWhoseUserHasNotSaidNo) {
  struct Case {
    bool is_terminal;
    std::string no_color, term;
    bool want;
  };
  for (const Case& c : {Case{true, "", "xterm", true}, Case{false, "", "xterm", false},
                        Case{true, "1", "xterm", false}, Case{true, "", "dumb", false}}) {
    EXPECT_EQ(MayColour(c.is_terminal, c.no_color, c.term), c.want)
        << c.is_terminal << " NO_COLOR=" << c.no_color << " TERM=" << c.term;
  }
}

TEST(MayShowPicturesTest, IsForTerminalsThatKnow24BitColours) {
  struct Case {
    bool may_colour;
    std::string colorterm, term;
    bool want;
  };
  for (const Case& c : {Case{true, "truecolor", "xterm", true}, Case{true, "24bit", "", true},
                        Case{true, "", "xterm-direct", true}, Case{true, "", "xterm-kitty", true},
                        Case{true, "", "xterm-256color", false}, Case{true, "yes", "xterm", false},
                        Case{false, "truecolor", "xterm-kitty", false}}) {
    EXPECT_EQ(MayShowPictures(c.may_colour, c.colorterm, c.term), c.want)
        << c.may_colour << " COLORTERM=" << c.colorterm << " TERM=" << c.term;
  }
}

TEST(StyledTest, IsPlainWithoutColour) {
  std::stringstream stream;
  Console console{stream, stream, stream};
  EXPECT_EQ(Styled(console, Style::kBad, "no"), "no");
  console.colour = true;
  EXPECT_EQ(Styled(console, Style::kBad, "no"), "\x1b[31mno\x1b[0m");
}

}  // namespace
}  // namespace dnnd::client
