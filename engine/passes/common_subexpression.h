// Nodes that compute the same from the same become one.
#ifndef DNND_ENGINE_PASSES_COMMON_SUBEXPRESSION_H_
#define DNND_ENGINE_PASSES_COMMON_SUBEXPRESSION_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Of nodes with the same operator, attributes and inputs one is kept. Returns whether the graph
// changed.
absl::StatusOr<bool> CommonSubexpression(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_COMMON_SUBEXPRESSION_H_
