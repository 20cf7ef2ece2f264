// From the graph of a model, with symbolic extents, to a graph in which every value has the shape
// that can be known before it runs.
#ifndef DNND_ENGINE_PASSES_SPECIALIZE_H_
#define DNND_ENGINE_PASSES_SPECIALIZE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"
#include "engine/passes/bind_inputs.h"

namespace dnnd::engine {

// A copy of `graph` in which every value has its shape, but those whose extents depend on data, and
// what is computed from these (passes/split_tail.h sets them apart). Shape arithmetic is gone:
// nodes over small known constants are replaced by their results, and Shape of any value is known.
// An If whose condition is known is gone too: the nodes of its branch stand in its place, so that
// other extents may give another graph. Recipes that compute floating-point constants from
// initializers alone stay, so that other weights can be bound to the same plan. INVALID_ARGUMENT
// where the extents do not fit the graph, UNIMPLEMENTED where an operator has no row; both name the
// node.
//
// With `assumed_extent` data are taken to decide every such extent so, wherever that fits: to find
// out which extents do not depend on it. Such a graph is for looking at: it must not run.
absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings,
                                 std::optional<int64_t> assumed_extent = std::nullopt);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_SPECIALIZE_H_
