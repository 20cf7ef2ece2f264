#include "client/commands/suggestion.h"

#include <algorithm>
#include <numeric>

namespace dnnd::client {
namespace {

// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
size_t EditDistance(absl::string_view from, absl::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestWord(absl::string_view word, const std::vector<std::string>& known) {
  constexpr size_t kMaxEdits = 2;
  std::string nearest;
  size_t fewest = kMaxEdits + 1;
  for (const std::string& candidate : known) {
    const size_t edits = EditDistance(word, candidate);
    // A word of two letters is not "meant" by two edits.
    if (edits < fewest && edits < candidate.size()) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace dnnd::client
