// Which extents the shapes of the inputs give to the symbols of a graph, and back.
#ifndef DNND_ENGINE_PASSES_BIND_INPUTS_H_
#define DNND_ENGINE_PASSES_BIND_INPUTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// The extent of each symbol of the graph's inputs; an open extent without a symbol is called
// "input.axis".
using Bindings = std::map<std::string, int64_t>;

// The extents that `shapes` (by graph input, in order) give to the symbols. INVALID_ARGUMENT naming
// the input where a rank or a known extent differs, or one symbol gets two extents.
absl::StatusOr<Bindings> BindShapes(const Graph& graph, absl::Span<const Shape> shapes);

// The shape of `input` under `bindings`. INVALID_ARGUMENT where a symbol has no extent,
// UNIMPLEMENTED where the model declares no shape at all.
absl::StatusOr<Shape> BoundShape(const Value& input, const Bindings& bindings);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_BIND_INPUTS_H_
