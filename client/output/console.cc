#include "client/output/console.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

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

Console ProcessConsole() {
  const bool out_is_terminal = isatty(STDOUT_FILENO) == 1;
  return Console{
      std::cin,
      std::cout,
      std::cerr,
      out_is_terminal,
      isatty(STDERR_FILENO) == 1,
      MayColour(out_is_terminal, FromEnvironment("NO_COLOR"), FromEnvironment("TERM")),
      FromEnvironment,
  };
}

std::string Styled(const Console& console, Style style, absl::string_view text) {
  if (!console.colour) return std::string(text);
  return absl::StrCat("\x1b[", EscapeCode(style), "m", text, "\x1b[0m");
}

}  // namespace dnnd::client
