// A graph inside a node, put into the graph around it.
#ifndef DNND_ENGINE_PASSES_INLINE_BRANCH_H_
#define DNND_ENGINE_PASSES_INLINE_BRANCH_H_

#include <vector>

#include "engine/ir/graph.h"

namespace dnnd::engine {

struct InlinedGraph {
  std::vector<Node> nodes;         // in an order in which they can run
  std::vector<ValueId> constants;  // of the graph around, new
};

// Adds the values of `branch`, a graph inside `node`, to `graph`, notes it in Graph::inlined, and
// returns its nodes with their ids there: run in the place of `node`, they give its outputs. What
// is new is named after the node, the branch and its own name, so that a constant has one name in
// every plan. REQUIRES: `names` are those of `graph`; the branch gets the last of the node's inputs
// and gives its outputs.
InlinedGraph InlineBranch(const Graph& branch, const Node& node, Graph& graph, ValueNames& names);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_INLINE_BRANCH_H_
