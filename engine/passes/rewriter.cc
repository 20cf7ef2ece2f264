#include "engine/passes/rewriter.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dnnd::engine {

Rewriter::Rewriter(Graph& graph)
    : graph_(graph),
      producers_(graph.Producers()),
      uses_(graph.values.size(), 0),
      constant_(ConstantValues(graph)),
      is_output_(graph.values.size(), false),
      removed_(graph.nodes.size(), false),
      before_(graph.nodes.size()) {
  for (const Node& node : graph.nodes) {
    for (ValueId input : node.inputs) {
      if (input != kNoValue) {
        ++uses_[input];
      }
    }
  }
  for (ValueId output : graph.outputs) {
    ++uses_[output];
    is_output_[output] = true;
  }
}

void Rewriter::SetInput(NodeId id, size_t i, ValueId value) {
  Node& node = graph_.nodes[id];
  if (i >= node.inputs.size()) {
    node.inputs.resize(i + 1, kNoValue);
  }
  if (node.inputs[i] != kNoValue) {
    --uses_[node.inputs[i]];
  }
  node.inputs[i] = value;
  if (value != kNoValue) {
    ++uses_[value];
  }
  changed_ = true;
}

namespace {

void AppendFused(const Node& consumer, Node& node) {
  node.fused.push_back(consumer.op);
  node.fused.insert(node.fused.end(), consumer.fused.begin(), consumer.fused.end());
}

}  // namespace

void Rewriter::FuseInto(NodeId id, NodeId consumer) {
  const ValueId result = graph_.nodes[consumer].outputs[0];
  AppendFused(graph_.nodes[consumer], graph_.nodes[id]);
  Remove(consumer);
  producers_[graph_.nodes[id].outputs[0]] = kNoNode;
  graph_.nodes[id].outputs[0] = result;
  producers_[result] = id;
}

void Rewriter::FuseDown(NodeId id, NodeId consumer) {
  const ValueId result = graph_.nodes[consumer].outputs[0];
  AppendFused(graph_.nodes[consumer], graph_.nodes[id]);
  Remove(consumer);
  producers_[graph_.nodes[id].outputs[0]] = kNoNode;
  graph_.nodes[id].outputs[0] = result;
  graph_.nodes[consumer] = std::move(graph_.nodes[id]);
  removed_[consumer] = false;
  removed_[id] = true;
  std::move(before_[id].begin(), before_[id].end(), std::back_inserter(before_[consumer]));
  before_[id].clear();
  producers_[result] = consumer;
}

void Rewriter::Remove(NodeId id) {
  removed_[id] = true;
  changed_ = true;
  for (ValueId input : graph_.nodes[id].inputs) {
    if (input != kNoValue) {
      --uses_[input];
    }
  }
  for (ValueId output : graph_.nodes[id].outputs) {
    if (output != kNoValue) {
      producers_[output] = kNoNode;
    }
  }
}

ValueId Rewriter::AddBefore(NodeId before, Node node, const std::string& name,
                            const TensorType& type) {
  if (!names_.has_value()) {
    names_.emplace(graph_);
  }
  const ValueId output = graph_.AddValue(name, type.type, *names_);
  graph_.value(output).shape = type.shape;
  bool constant = true;
  for (ValueId input : node.inputs) {
    if (input != kNoValue) {
      ++uses_[input];
      constant = constant && constant_[input];
    }
  }
  producers_.push_back(kNoNode);
  uses_.push_back(0);
  constant_.push_back(constant);
  is_output_.push_back(false);
  node.outputs = {output};
  before_[before].push_back(std::move(node));
  changed_ = true;
  return output;
}

bool Rewriter::Finish() {
  if (!changed_) {
    return false;
  }
  std::vector<Node> nodes;
  for (size_t id = 0; id < graph_.nodes.size(); ++id) {
    std::move(before_[id].begin(), before_[id].end(), std::back_inserter(nodes));
    if (!removed_[id]) {
      nodes.push_back(std::move(graph_.nodes[id]));
    }
  }
  graph_.nodes = std::move(nodes);
  return true;
}

}  // namespace dnnd::engine
