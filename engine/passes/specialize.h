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

// What is given of the inputs' extents: symbols by name, or whole inputs by name.
struct Bindings {
  std::map<std::string, int64_t> symbols;
  std::map<std::string, Shape> shapes;
};

// The shape of each graph input, in order. INVALID_ARGUMENT naming the input where a rank or a
// known extent differs from the declared one, one symbol gets two extents, or an extent was given
// no value.
absl::StatusOr<std::vector<Shape>> BindInputs(const Graph& graph, const Bindings& bindings);

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
