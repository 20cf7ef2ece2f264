#include "client/output/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

std::string FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

absl::string_view EscapeCode(Style style) {
  switch (style) {
    case Style::kBold:
      return "1";
    case Style::kDim:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kBad:
      return "31";
  }
  return "0";
}

}  // namespace

bool MayColour(bool is_terminal, absl::string_view no_color, absl::string_view term) {
  return is_terminal && no_color.empty() && term != "dumb";
}

bool MayShowPictures(bool may_colour, absl::string_view colorterm, absl::string_view term) {
  static constexpr std::array<absl::string_view, 6> kTerms = {
      "alacritty", "foot", "konsole", "wezterm", "xterm-ghostty", "xterm-kitty"};
  return may_colour &&
         (colorterm == "truecolor" || colorterm == "24bit" || absl::EndsWith(term, "-direct") ||
          std::find(kTerms.begin(), kTerms.end(), term) != kTerms.end());
}

Console ProcessConsole() {
  const bool out_is_terminal = isatty(STDOUT_FILENO) == 1;
  const std::string term = FromEnvironment("TERM");
  const bool colour = MayColour(out_is_terminal, FromEnvironment("NO_COLOR"), term);
  Console console{std::cin,
                  std::cout,
                  std::cerr,
                  out_is_terminal,
                  isatty(STDERR_FILENO) == 1,
                  colour,
                  FromEnvironment,
                  MayShowPictures(colour, FromEnvironment("COLORTERM"), term)};
  winsize size = {};
  if (out_is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
      size.ws_row > 0) {
    console.columns = size.ws_col;
    console.rows = size.ws_row;
  }
  return console;
}

std::string Styled(const Console& console, Style style, absl::string_view text) {
  if (!console.colour) return std::string(text);
  return absl::StrCat("\x1b[", EscapeCode(style), "m", text, "\x1b[0m");
}

}  // namespace dnnd::client
