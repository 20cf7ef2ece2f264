#include "engine/base/utf8.h"

#include <cstdint>

namespace dnnd::engine {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";

// Bytes of a sequence with this first byte; 0 where it is none.
size_t LengthByLead(uint8_t lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// Of some first bytes only a part of the second ones is UTF-8: the rest would be overlong (E0, F0),
// a surrogate (ED) or beyond U+10FFFF (F4).
bool FitsLead(uint8_t lead, uint8_t second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

}  // namespace

size_t Utf8Length(absl::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<uint8_t>(text[k]); };
  const size_t length = LengthByLead(byte(i));
  if (length == 0 || length > text.size() - i) {
    return 0;
  }
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) {
      return 0;
    }
  }
  return length == 1 || FitsLead(byte(i), byte(i + 1)) ? length : 0;
}

std::optional<size_t> FindNotUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length == 0) {
      return i;
    }
    i += length;
  }
  return std::nullopt;
}

std::string ToUtf8(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length == 0) {
      out.append(kReplacement);
      ++i;
      continue;
    }
    out.append(text.data() + i, length);
    i += length;
  }
  return out;
}

}  // namespace dnnd::engine
