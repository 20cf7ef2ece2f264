#include "engine/ops/condition.h"

#include "absl/strings/str_cat.h"

namespace dnnd::engine {

absl::StatusOr<bool> ReadCondition(const Tensor& condition) {
  if (condition.type() != DataType::kBool || condition.num_elements() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the condition is ", condition.tensor_type().ToString(), ", wanted one element of bool"));
  }
  return *condition.data<uint8_t>() != 0;
}

}  // namespace dnnd::engine
