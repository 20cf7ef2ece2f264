// From the graph of a model, with symbolic extents, to a graph in which every value has a shape.
#ifndef DNND_ENGINE_PASSES_SPECIALIZE_H_
#define DNND_ENGINE_PASSES_SPECIALIZE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// The extent of each symbol of the graph's inputs.
using Bindings = std::map<std::string, int64_t>;

// The symbol of axis `axis` of graph input `input`: its own, or "input.axis" where the model gives
// none. Empty where the extent is known.
std::string SymbolOf(const Value& input, int axis);

// The extents that `shapes` (by graph input, in order) give to the symbols. INVALID_ARGUMENT naming
// the input where a rank or a known extent differs, or one symbol gets two extents.
absl::StatusOr<Bindings> BindShapes(const Graph& graph, absl::Span<const Shape> shapes);

// The shape of `input` under `bindings`. INVALID_ARGUMENT where a symbol has no extent,
// UNIMPLEMENTED where the model declares no shape at all.
absl::StatusOr<Shape> BoundShape(const Value& input, const Bindings& bindings);

// A copy of `graph` in which every value has its shape. Shape arithmetic is gone: nodes over small
// known constants are replaced by their results, and Shape of any value is known. Recipes that
// compute floating-point constants from initializers alone stay, so that other weights can be bound
// to the same plan. INVALID_ARGUMENT where the extents do not fit the graph, UNIMPLEMENTED where a
// shape depends on data or an operator has no row; both name the node.
absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings);

// UNIMPLEMENTED listing every node (up to a few) whose operator the engine does not have, or whose
// arguments are more or fewer than the operator takes: asked once, when a model is loaded.
absl::Status CheckSupported(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_SPECIALIZE_H_
