// From a graph with symbolic extents to one in which every value has a shape.
#ifndef DNND_ENGINE_PASSES_SPECIALIZE_H_
#define DNND_ENGINE_PASSES_SPECIALIZE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// The extent of each symbol. An extent that the model leaves unknown without naming it has the
// symbol that UnknownDim gives.
using Bindings = std::map<std::string, int64_t>;

// The symbol of axis `axis` of graph input `input`: its own, or "input.axis" where the model gives
// none. Empty where the extent is known.
std::string SymbolOf(const Value& input, int axis);

// The extents that `shapes` (by graph input, in order) give to the symbols. INVALID_ARGUMENT naming
// the input where a rank or a known extent differs, or one symbol gets two extents.
absl::StatusOr<Bindings> BindShapes(const Graph& graph, absl::Span<const Shape> shapes);

// A copy of `graph` with the shape of every value inferred. Shape arithmetic is folded on the way:
// nodes over known elements whose results are small integers or booleans become constants.
// INVALID_ARGUMENT where the extents do not fit the graph, UNIMPLEMENTED where a shape depends on
// data or an operator has no row; both name the node.
absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings);

// UNIMPLEMENTED listing every node whose operator the engine does not have (node, operator, opset);
// for loading, before any specialisation.
absl::Status CheckSupported(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_SPECIALIZE_H_
