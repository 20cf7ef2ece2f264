// Counts what became of the conformance cases, by operator.
#ifndef DNND_TESTS_CONFORMANCE_SCOREBOARD_H_
#define DNND_TESTS_CONFORMANCE_SCOREBOARD_H_

#include <map>
#include <set>
#include <string>

namespace dnnd::engine {

enum class CaseResult { kPassed, kFailed, kNotSupported };

// Not thread-safe.
class Scoreboard {
 public:
  static Scoreboard& Get();

  // `operators`: of the case's model.
  void Record(const std::set<std::string>& operators, CaseResult result);

  int count(CaseResult result) const;
  // One line an operator that passed or failed anything, then those that are not supported, then
  // the totals.
  std::string Print() const;

 private:
  std::map<CaseResult, int> totals_;
  std::map<std::string, std::map<CaseResult, int>> by_operator_;
};

}  // namespace dnnd::engine

#endif  // DNND_TESTS_CONFORMANCE_SCOREBOARD_H_
