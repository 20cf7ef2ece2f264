// Models in half precision are computed in single: weights and activations are widened.
#ifndef DNND_ENGINE_PASSES_WIDEN_FLOAT16_H_
#define DNND_ENGINE_PASSES_WIDEN_FLOAT16_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Computes in float32 what the model computes in float16 or bfloat16. Inputs and outputs of the
// graph keep their types, behind a Cast; constants become recipes that cast them. Returns whether
// the graph changed.
absl::StatusOr<bool> WidenFloat16(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_WIDEN_FLOAT16_H_
