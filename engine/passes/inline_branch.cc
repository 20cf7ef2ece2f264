#include "engine/passes/inline_branch.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dnnd::engine {
namespace {

// "if_1.then_branch": nodes of a graph differ by name, branches of a node too.
std::string FullName(const Graph& branch, const Node& node) {
  for (const auto& [name, subgraph] : node.attributes.Subgraphs()) {
    if (subgraph == &branch) {
      return absl::StrCat(node.name, ".", name);
    }
  }
  return node.name;
}

// Used once.
class Inliner {
 public:
  Inliner(const Graph& branch, const Node& node, Graph& graph, ValueNames& names)
      : branch_(branch),
        node_(node),
        graph_(graph),
        prefix_(absl::StrCat(FullName(branch, node), ".")),
        names_(names),
        ids_(branch.values.size(), kNoValue) {}

  InlinedGraph Run() {
    const size_t first = node_.inputs.size() - branch_.inputs.size();
    for (size_t i = 0; i < branch_.inputs.size(); ++i) {
      ids_[branch_.inputs[i]] = node_.inputs[first + i];
    }
    MapOutputs();
    MapOthers();
    for (Node node : branch_.nodes) {
      node.name = prefix_ + node.name;
      for (std::vector<ValueId>* arguments : {&node.inputs, &node.outputs}) {
        for (ValueId& id : *arguments) {
          id = id == kNoValue ? kNoValue : ids_[id];
        }
      }
      inlined_.nodes.push_back(std::move(node));
    }
    HandOver();
    return std::move(inlined_);
  }

 private:
  // What a node of the branch makes becomes the output of the node itself.
  void MapOutputs() {
    const std::vector<NodeId> producers = branch_.Producers();
    for (size_t i = 0; i < branch_.outputs.size(); ++i) {
      const ValueId id = branch_.outputs[i];
      if (node_.outputs[i] != kNoValue && producers[id] != kNoNode && ids_[id] == kNoValue) {
        ids_[id] = node_.outputs[i];
      }
    }
  }

  void MapOthers() {
    for (size_t id = 0; id < branch_.values.size(); ++id) {
      const Value& value = branch_.values[id];
      if (ids_[id] != kNoValue) {
        continue;
      }
      if (value.constant.has_value()) {
        ids_[id] = graph_.AddConstant(prefix_ + value.name, *value.constant, names_);
        inlined_.constants.push_back(ids_[id]);
      } else {
        ids_[id] = graph_.AddValue(prefix_ + value.name, value.type, names_);
      }
    }
  }

  // Results that are inputs or constants of the branch, or that stand twice.
  void HandOver() {
    for (size_t i = 0; i < branch_.outputs.size(); ++i) {
      const ValueId to = node_.outputs[i];
      const ValueId from = ids_[branch_.outputs[i]];
      if (to == kNoValue || to == from) {
        continue;
      }
      Node identity;
      identity.name = absl::StrCat(prefix_, "result_", i);
      identity.op = "Identity";
      identity.opset = node_.opset;
      identity.inputs = {from};
      identity.outputs = {to};
      inlined_.nodes.push_back(std::move(identity));
    }
  }

  const Graph& branch_;
  const Node& node_;
  Graph& graph_;
  const std::string prefix_;
  ValueNames& names_;
  std::vector<ValueId> ids_;  // in the graph around, by value of the branch
  InlinedGraph inlined_;
};

}  // namespace

InlinedGraph InlineBranch(const Graph& branch, const Node& node, Graph& graph, ValueNames& names) {
  graph.inlined.push_back(FullName(branch, node));
  return Inliner(branch, node, graph, names).Run();
}

}  // namespace dnnd::engine
