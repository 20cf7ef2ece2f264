#include "engine/passes/split_tail.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace dnnd::engine {
namespace {

bool IsOpen(const Graph& graph, const Node& node) {
  return std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
    return id != kNoValue && !graph.value(id).shape.has_value();
  });
}

// Builds the tail of a graph, and notes what the head has to hand over to it. Used once.
class TailBuilder {
 public:
  explicit TailBuilder(const Graph& graph)
      : graph_(graph), own_(graph.values.size(), kNoValue), made_(graph.values.size(), false) {
    tail_.name = graph.name;
  }

  void AddNode(const Node& node) {
    Node copy = node;
    for (ValueId& input : copy.inputs) {
      input = input == kNoValue ? kNoValue : Read(input);
    }
    for (ValueId& output : copy.outputs) {
      if (output != kNoValue) {
        made_[output] = true;
        output = Own(output);
      }
    }
    tail_.nodes.push_back(std::move(copy));
  }

  void AddOutput(ValueId id) { tail_.outputs.push_back(Read(id)); }

  Graph Finish() { return std::move(tail_); }
  const std::vector<ValueId>& handed_over() const { return handed_over_; }

 private:
  // The tail's own value for `id` of the graph.
  ValueId Own(ValueId id) {
    if (own_[id] == kNoValue) {
      own_[id] = static_cast<ValueId>(tail_.values.size());
      tail_.values.push_back(graph_.value(id));
    }
    return own_[id];
  }

  ValueId Read(ValueId id) {
    const bool is_new = own_[id] == kNoValue;
    const ValueId own = Own(id);
    if (is_new && !made_[id] && !graph_.value(id).constant.has_value()) {
      tail_.inputs.push_back(own);
      handed_over_.push_back(id);
    }
    return own;
  }

  const Graph& graph_;
  Graph tail_;
  std::vector<ValueId> own_;  // by value of the graph
  std::vector<bool> made_;    // by value of the graph: a node of the tail makes it
  std::vector<ValueId> handed_over_;
};

}  // namespace

SplitGraph SplitTail(Graph graph) {
  std::vector<Node> planned;
  TailBuilder tail(graph);
  for (const Node& node : graph.nodes) {
    if (IsOpen(graph, node)) {
      tail.AddNode(node);
    } else {
      planned.push_back(node);
    }
  }
  if (planned.size() == graph.nodes.size()) {
    return {std::move(graph), std::nullopt};
  }
  for (ValueId output : graph.outputs) {
    tail.AddOutput(output);
  }
  SplitGraph split;
  split.tail = tail.Finish();
  split.head = std::move(graph);
  split.head.nodes = std::move(planned);
  split.head.outputs = tail.handed_over();
  RemoveDeadNodes(split.head);
  return split;
}

}  // namespace dnnd::engine
