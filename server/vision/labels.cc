#include "server/vision/labels.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dnnd::server {

namespace {

constexpr size_t kSynsetDigits = 8;

// "n" and eight digits, and then a blank.
bool HasSynsetId(absl::string_view line) {
  return line.size() > kSynsetDigits + 1 && line[0] == 'n' &&
         std::all_of(line.begin() + 1, line.begin() + 1 + kSynsetDigits, absl::ascii_isdigit) &&
         absl::ascii_isspace(line[kSynsetDigits + 1]);
}

}  // namespace

std::vector<std::string> ParseLabels(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  absl::ConsumeSuffix(&text, "\n");
  if (text.empty()) {
    return {};
  }
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  const bool synsets = std::all_of(lines.begin(), lines.end(), HasSynsetId);
  std::vector<std::string> labels;
  labels.reserve(lines.size());
  for (absl::string_view line : lines) {
    line = absl::StripAsciiWhitespace(synsets ? line.substr(kSynsetDigits + 1) : line);
    labels.emplace_back(line);
  }
  return labels;
}

}  // namespace dnnd::server
