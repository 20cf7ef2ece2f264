// A graph while one pass changes it: who produces and how many read each value stays right as nodes
// are fused, removed and added, so that a pass is one sweep.
#ifndef DNND_ENGINE_PASSES_REWRITER_H_
#define DNND_ENGINE_PASSES_REWRITER_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/ir/graph.h"

namespace dnnd::engine {

// Node ids stay those of the beginning until Finish. Used once; not thread-safe.
class Rewriter {
 public:
  // `graph` outlives the rewriter, and is changed by nobody else until Finish.
  explicit Rewriter(Graph& graph);

  const Value& value(ValueId id) const { return graph_.value(id); }
  int num_nodes() const { return static_cast<int>(graph_.nodes.size()); }
  Node& node(NodeId id) { return graph_.nodes[id]; }
  bool removed(NodeId id) const { return removed_[id]; }

  // kNoNode for inputs, constants, and results of nodes that were added since the beginning.
  NodeId producer(ValueId id) const { return producers_[id]; }
  // Readers, and one for each time that it is an output of the graph.
  int uses(ValueId id) const { return uses_[id]; }
  // Known before the graph runs.
  bool is_constant(ValueId id) const { return constant_[id]; }
  // Exactly one node reads it, and nobody outside.
  bool has_single_reader(ValueId id) const { return uses_[id] == 1 && !is_output_[id]; }
  bool is_output(ValueId id) const { return is_output_[id]; }

  // Makes input `i` of the node another value; kNoValue takes the argument away.
  void SetInput(NodeId id, size_t i, ValueId value);
  // The node produces `value` as its output 0 from now on, in place of what it produced before,
  // which must have no reader left but `consumer`; `consumer`, which produced `value`, goes.
  void FuseInto(NodeId id, NodeId consumer);
  // The other way round: node `id` moves to the place of `consumer`, which alone reads its output
  // 0, and produces what `consumer` did. For fusions that bring arguments which exist only there.
  void FuseDown(NodeId id, NodeId consumer);
  void Remove(NodeId id);

  // Adds `node` with one output of this name and type, to run right before `before`. Returns the
  // output. The shape is set.
  ValueId AddBefore(NodeId before, Node node, const std::string& name, const TensorType& type);

  // Puts the nodes in their places. Returns whether anything changed.
  bool Finish();

 private:
  Graph& graph_;
  std::optional<ValueNames> names_;  // made when the first value is added
  std::vector<NodeId> producers_;
  std::vector<int> uses_;
  std::vector<bool> constant_;
  std::vector<bool> is_output_;
  std::vector<bool> removed_;
  std::vector<std::vector<Node>> before_;  // by node: what was added in front of it
  bool changed_ = false;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_REWRITER_H_
