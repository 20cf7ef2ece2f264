// Nodes that change nothing go: views of the same shape, casts to the same type, empty pads.
#ifndef DNND_ENGINE_PASSES_ELIMINATE_IDENTITY_H_
#define DNND_ENGINE_PASSES_ELIMINATE_IDENTITY_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Removes nodes that change nothing: Identity, Dropout, and Cast, Reshape, Transpose, Slice, Pad …
// whose result is their input. A Transpose that only moves extents of 1 becomes a Reshape, which
// is a view. REQUIRES: a specialised graph. Returns whether the graph changed.
absl::StatusOr<bool> EliminateIdentity(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_ELIMINATE_IDENTITY_H_
