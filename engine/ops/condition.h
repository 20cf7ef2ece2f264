// Reading the conditions of operators that run graphs.
#ifndef DNND_ENGINE_OPS_CONDITION_H_
#define DNND_ENGINE_OPS_CONDITION_H_

#include "absl/status/statusor.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// One element of bool, of any shape. A byte that is no bool is true, as everywhere else: a client
// may send it. INVALID_ARGUMENT for anything else.
absl::StatusOr<bool> ReadCondition(const Tensor& condition);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_CONDITION_H_
