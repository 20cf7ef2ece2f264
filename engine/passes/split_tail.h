// Cuts a specialised graph where data begin to decide extents.
#ifndef DNND_ENGINE_PASSES_SPLIT_TAIL_H_
#define DNND_ENGINE_PASSES_SPLIT_TAIL_H_

#include <optional>

#include "engine/ir/graph.h"

namespace dnnd::engine {

struct SplitGraph {
  // What can be planned: every value that a node takes or gives has a shape.
  Graph head;
  // The nodes whose results have no shape before the graph runs, and all that read them. Its inputs
  // are the head's outputs, in their order; its outputs are those of the whole graph. Nothing where
  // every value has a shape: the head is the whole graph then.
  std::optional<Graph> tail;
};

// `graph` as Specialize leaves it. Constants that both parts read are in both.
SplitGraph SplitTail(Graph graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_SPLIT_TAIL_H_
