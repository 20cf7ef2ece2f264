#include "server/repository/memory_budget.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/checked.h"

namespace dnnd::server {
namespace {

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

absl::Status CheckBudget(const std::string& what, int64_t needed, int64_t used, int64_t budget) {
  const std::optional<int64_t> total = engine::CheckedAdd(needed, used);
  if (total.has_value() && *total <= budget) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat(what, " needs ", Megabytes(needed), ", loaded models use ", Megabytes(used),
                   " of the memory budget of ", Megabytes(budget),
                   "; unload a model or raise --memory-budget-bytes"));
}

}  // namespace dnnd::server
