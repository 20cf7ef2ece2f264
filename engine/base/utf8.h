// Whether bytes are text. Strings of protocol buffers have to be UTF-8: one that is not makes the
// whole message unreadable for its receiver.
#ifndef DNND_ENGINE_BASE_UTF8_H_
#define DNND_ENGINE_BASE_UTF8_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace dnnd::engine {

// Bytes of the UTF-8 sequence that starts at text[i], or 0 where none does. Neither overlong forms
// nor surrogates are UTF-8. REQUIRES: i < text.size().
size_t Utf8Length(absl::string_view text, size_t i);

// Where the first byte stands that is no part of UTF-8; nothing when all of `text` is.
std::optional<size_t> FindNotUtf8(absl::string_view text);

// `text` with U+FFFD in place of each byte that is no part of UTF-8.
std::string ToUtf8(absl::string_view text);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_UTF8_H_
