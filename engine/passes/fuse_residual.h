// The sum of a residual connection becomes the last step of the convolution before it.
#ifndef DNND_ENGINE_PASSES_FUSE_RESIDUAL_H_
#define DNND_ENGINE_PASSES_FUSE_RESIDUAL_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Add(producer, other) becomes a sum post-op of the producer, which then writes over `other`, when
// nothing needs `other` afterwards: neither it nor any view of the same memory is read later, or by
// the producer itself, or is an input or output of the graph. The operand is the last input of the
// node. REQUIRES: a specialised graph. Returns whether it changed.
absl::StatusOr<bool> FuseResidual(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_FUSE_RESIDUAL_H_
