#ifndef DNND_CLIENT_OUTPUT_CONSOLE_H_
#define DNND_CLIENT_OUTPUT_CONSOLE_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace dnnd::client {

// The outside of one run of dnnctl, injected so that tests hold all of it. Data goes to `out`,
// words to `err`. The streams must outlive the Console. Not thread-safe.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Whether `out` may carry colours; see MayColour.
  bool colour = false;
  // Value of an environment variable, "" where it is not set.
  std::function<std::string(const std::string&)> environment;
  // Whether `out` can show pictures; see MayShowPictures.
  bool shows_pictures = false;
  // Size of the terminal at `out`, in characters.
  int columns = 80;
  int rows = 24;
};

// Colours are for terminals that can show them, and for users who have not said NO_COLOR
// (https://no-color.org).
bool MayColour(bool is_terminal, absl::string_view no_color, absl::string_view term);

// Whether a terminal that may be coloured says that it knows 24-bit colours: by COLORTERM, or by a
// TERM that always does.
bool MayShowPictures(bool may_colour, absl::string_view colorterm, absl::string_view term);

// The console of this process.
Console ProcessConsole();

// How a piece of text stands out.
enum class Style { kBold, kDim, kGood, kBad };

// `text` in that style, or as it is where the console shows no colours.
std::string Styled(const Console& console, Style style, absl::string_view text);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_CONSOLE_H_
