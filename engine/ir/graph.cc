#include "engine/ir/graph.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dnnd::engine {

std::string ToString(const SymbolicShape& shape) {
  return absl::StrCat("[",
                      absl::StrJoin(shape, ",",
                                    [](std::string* out, const Dim& dim) {
                                      if (dim.known()) {
                                        absl::StrAppend(out, dim.value);
                                      } else {
                                        absl::StrAppend(out, dim.symbol.empty() ? "?" : dim.symbol);
                                      }
                                    }),
                      "]");
}

ValueNames::ValueNames(const Graph& graph) {
  taken_.reserve(graph.values.size());
  for (const Value& value : graph.values) {
    taken_.insert(value.name);
  }
}

std::string ValueNames::Claim(const std::string& wanted) {
  std::string name = wanted;
  for (int suffix = 1; !taken_.insert(name).second; ++suffix) {
    name = absl::StrCat(wanted, "#", suffix);
  }
  return name;
}

ValueId Graph::AddValue(const std::string& name, DataType type, ValueNames& names) {
  Value value;
  value.name = names.Claim(name);
  value.type = type;
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId Graph::AddConstant(const std::string& name, Constant constant, ValueNames& names) {
  const ValueId id = AddValue(name, constant.type().type, names);
  values[id].shape = constant.type().shape;
  values[id].constant = std::move(constant);
  return id;
}

std::vector<NodeId> Graph::Producers() const {
  std::vector<NodeId> producers(values.size(), kNoNode);
  for (size_t n = 0; n < nodes.size(); ++n) {
    for (ValueId output : nodes[n].outputs) {
      if (output != kNoValue) {
        producers[output] = static_cast<NodeId>(n);
      }
    }
  }
  return producers;
}

std::vector<std::vector<NodeId>> Graph::Consumers() const {
  std::vector<std::vector<NodeId>> consumers(values.size());
  for (size_t n = 0; n < nodes.size(); ++n) {
    for (ValueId input : nodes[n].inputs) {
      if (input != kNoValue) {
        consumers[input].push_back(static_cast<NodeId>(n));
      }
    }
  }
  return consumers;
}

bool Graph::IsOutput(ValueId id) const {
  return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
}

std::vector<bool> ConstantValues(const Graph& graph) {
  std::vector<bool> constant(graph.values.size());
  for (size_t id = 0; id < graph.values.size(); ++id) {
    constant[id] = graph.values[id].constant.has_value();
  }
  for (const Node& node : graph.nodes) {
    const bool all = std::all_of(node.inputs.begin(), node.inputs.end(),
                                 [&](ValueId id) { return id == kNoValue || constant[id]; });
    for (ValueId output : node.outputs) {
      if (output != kNoValue) {
        constant[output] = all;
      }
    }
  }
  return constant;
}

std::string Describe(const Node& node) {
  return absl::StrCat(node.op, " node \"", node.name, "\" (opset ", node.opset, ")");
}

namespace {

absl::Status Broken(absl::string_view what) {
  return absl::InternalError(absl::StrCat("graph invariant broken: ", what));
}

absl::Status VerifyNames(const Graph& graph) {
  absl::flat_hash_set<absl::string_view> names;
  for (const Value& value : graph.values) {
    if (value.name.empty()) {
      return Broken("a value has no name");
    }
    if (!names.insert(value.name).second) {
      return Broken(absl::StrCat("two values are named \"", value.name, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status VerifyNode(const Graph& graph, const Node& node, std::vector<bool>& available) {
  const auto exists = [&](ValueId id) {
    return id >= 0 && id < static_cast<ValueId>(graph.values.size());
  };
  for (ValueId input : node.inputs) {
    if (input == kNoValue) {
      continue;
    }
    if (!exists(input)) {
      return Broken(absl::StrCat(Describe(node), " reads a value that does not exist"));
    }
    if (!available[input]) {
      return Broken(absl::StrCat(Describe(node), " reads \"", graph.value(input).name,
                                 "\" before it is produced"));
    }
  }
  for (ValueId output : node.outputs) {
    if (output == kNoValue) {
      continue;
    }
    if (!exists(output)) {
      return Broken(absl::StrCat(Describe(node), " writes a value that does not exist"));
    }
    if (available[output]) {
      return Broken(absl::StrCat(Describe(node), " produces \"", graph.value(output).name,
                                 "\", which something else produces already"));
    }
    available[output] = true;
  }
  return absl::OkStatus();
}

absl::Status VerifySubgraphs(const Node& node) {
  for (const auto& [name, subgraph] : node.attributes.Subgraphs()) {
    if (subgraph->inputs.size() > node.inputs.size()) {
      return Broken(absl::StrCat(name, " of ", Describe(node), " has ", subgraph->inputs.size(),
                                 " inputs, the node ", node.inputs.size()));
    }
    if (absl::Status status = VerifyGraph(*subgraph); !status.ok()) {
      return absl::InternalError(
          absl::StrCat(name, " of ", Describe(node), ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyGraph(const Graph& graph) {
  if (absl::Status status = VerifyNames(graph); !status.ok()) {
    return status;
  }
  std::vector<bool> available(graph.values.size(), false);
  for (size_t id = 0; id < graph.values.size(); ++id) {
    available[id] = graph.values[id].constant.has_value();
  }
  for (ValueId input : graph.inputs) {
    if (input < 0 || input >= static_cast<ValueId>(graph.values.size())) {
      return Broken("a graph input does not exist");
    }
    available[input] = true;
  }
  for (const Node& node : graph.nodes) {
    if (absl::Status status = VerifyNode(graph, node, available); !status.ok()) {
      return status;
    }
    if (absl::Status status = VerifySubgraphs(node); !status.ok()) {
      return status;
    }
  }
  for (ValueId output : graph.outputs) {
    if (output < 0 || output >= static_cast<ValueId>(graph.values.size()) || !available[output]) {
      return Broken("a graph output is not produced");
    }
  }
  return absl::OkStatus();
}

void ReplaceUses(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes) {
    std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  }
  std::replace(graph.outputs.begin(), graph.outputs.end(), from, to);
}

bool RemoveDeadNodes(Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  for (ValueId output : graph.outputs) {
    needed[output] = true;
  }
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool alive = std::any_of(node->outputs.begin(), node->outputs.end(),
                                   [&](ValueId id) { return id != kNoValue && needed[id]; });
    if (!alive) {
      continue;
    }
    for (ValueId input : node->inputs) {
      if (input != kNoValue) {
        needed[input] = true;
      }
    }
    kept.push_back(std::move(*node));
  }
  const bool removed = kept.size() != graph.nodes.size();
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  return removed;
}

}  // namespace dnnd::engine
