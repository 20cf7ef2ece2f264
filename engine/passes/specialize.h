// From the graph of a model, with symbolic extents, to a graph in which every value has a shape.
#ifndef DNND_ENGINE_PASSES_SPECIALIZE_H_
#define DNND_ENGINE_PASSES_SPECIALIZE_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"
#include "engine/passes/bind_inputs.h"

namespace dnnd::engine {

// A copy of `graph` in which every value has its shape. Shape arithmetic is gone: nodes over small
// known constants are replaced by their results, and Shape of any value is known. Recipes that
// compute floating-point constants from initializers alone stay, so that other weights can be bound
// to the same plan. INVALID_ARGUMENT where the extents do not fit the graph, UNIMPLEMENTED where a
// shape depends on data or an operator has no row; both name the node.
absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_SPECIALIZE_H_
