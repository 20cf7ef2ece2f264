#ifndef DNND_CLIENT_OUTPUT_TEXT_H_
#define DNND_CLIENT_OUTPUT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Numbers and foreign text as people read them. Pure functions.
namespace dnnd::client {

// Columns of a terminal that UTF-8 text takes, at one column a code point.
int DisplayWidth(absl::string_view text);

// Text from a server or a file with control characters replaced by '?': a label must not be able to
// drive the terminal.
std::string Printable(absl::string_view text);

// "512 B", "1.5 MB", "31 MB"; powers of 1000.
std::string HumanBytes(int64_t bytes);

// "0.42 ms", "12.7 ms", "1.30 s", from milliseconds.
std::string HumanMilliseconds(double ms);

// "3d 4h", "2m 5s", "12s".
std::string HumanAge(absl::Duration age);

// A bar of `fraction` of `width` columns in eighths of a block; fractions beyond [0, 1] are cut,
// NaN is empty.
std::string Bar(double fraction, int width);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_TEXT_H_
