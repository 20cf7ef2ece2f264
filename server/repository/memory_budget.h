// Whether one more model fits into memory.
#ifndef DNND_SERVER_REPOSITORY_MEMORY_BUDGET_H_
#define DNND_SERVER_REPOSITORY_MEMORY_BUDGET_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace dnnd::server {

// RESOURCE_EXHAUSTED with all three figures when used + needed exceeds the budget. `what` names the
// version and says whether `needed` is an estimate.
absl::Status CheckBudget(const std::string& what, int64_t needed, int64_t used, int64_t budget);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_MEMORY_BUDGET_H_
