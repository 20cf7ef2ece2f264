#include "client/output/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dnnd::client {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

int DisplayWidth(absl::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too: 0xC2 and then a byte below 0xA0.
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    printable += (c < 0x20 || c == 0x7F || c1) ? '?' : text[i];
  }
  return printable;
}

std::string HumanBytes(int64_t bytes) {
  static constexpr std::array<absl::string_view, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  // 999.5 would round to "1000".
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = (unit > 0 && value < 9.95) ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, kUnits[unit]);
}

std::string HumanMilliseconds(double ms) {
  if (ms >= 999.5) return absl::StrFormat("%.2f s", ms / 1000);
  if (ms >= 99.95) return absl::StrFormat("%.0f ms", ms);
  if (ms >= 9.995) return absl::StrFormat("%.1f ms", ms);
  return absl::StrFormat("%.2f ms", ms);
}

std::string HumanAge(absl::Duration age) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(age));
  if (seconds >= 86400) return absl::StrCat(seconds / 86400, "d ", seconds % 86400 / 3600, "h");
  if (seconds >= 3600) return absl::StrCat(seconds / 3600, "h ", seconds % 3600 / 60, "m");
  if (seconds >= 60) return absl::StrCat(seconds / 60, "m ", seconds % 60, "s");
  return absl::StrCat(seconds, "s");
}

std::string Bar(double fraction, int width) {
  static constexpr std::array<absl::string_view, 8> kEighths = {"",  "▏", "▎", "▍",
                                                                "▌", "▋", "▊", "▉"};
  if (std::isnan(fraction)) return "";
  const int eighths = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) absl::StrAppend(&bar, "█");
  absl::StrAppend(&bar, kEighths[eighths % 8]);
  return bar;
}

}  // namespace dnnd::client
