// Puts the nodes of a graph into an order in which they can run.
#ifndef DNND_ENGINE_ONNX_TOPOLOGICAL_SORT_H_
#define DNND_ENGINE_ONNX_TOPOLOGICAL_SORT_H_

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Keeps the order that the nodes have wherever that is possible. REQUIRES: every value that is read
// has a producer, is a constant or a graph input. INVALID_ARGUMENT naming a node of a cycle.
absl::Status SortTopologically(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_TOPOLOGICAL_SORT_H_
