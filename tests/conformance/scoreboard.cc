#include "tests/conformance/scoreboard.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dnnd::engine {
namespace {

int CountOf(const std::map<CaseResult, int>& counts, CaseResult result) {
  const auto found = counts.find(result);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

Scoreboard& Scoreboard::Get() {
  static auto* scoreboard = new Scoreboard;
  return *scoreboard;
}

void Scoreboard::Record(const std::set<std::string>& operators, CaseResult result) {
  ++totals_[result];
  for (const std::string& op : operators) {
    ++by_operator_[op][result];
  }
}

int Scoreboard::count(CaseResult result) const { return CountOf(totals_, result); }

std::string Scoreboard::Print() const {
  std::string text =
      absl::StrFormat("%-28s %7s %7s %7s\n", "operator", "passed", "failed", "not supported");
  std::string unsupported;
  for (const auto& [op, counts] : by_operator_) {
    const int passed = CountOf(counts, CaseResult::kPassed);
    const int failed = CountOf(counts, CaseResult::kFailed);
    if (passed + failed == 0) {
      absl::StrAppend(&unsupported, unsupported.empty() ? "" : ", ", op);
      continue;
    }
    absl::StrAppendFormat(&text, "%-28s %7d %7d %7d\n", op, passed, failed,
                          CountOf(counts, CaseResult::kNotSupported));
  }
  absl::StrAppend(&text, "in no case that runs: ", unsupported, "\n");
  absl::StrAppendFormat(&text, "%d passed, %d failed, %d not supported\n",
                        count(CaseResult::kPassed), count(CaseResult::kFailed),
                        count(CaseResult::kNotSupported));
  return text;
}

}  // namespace dnnd::engine
