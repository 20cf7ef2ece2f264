#include "engine/passes/check_supported.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/ir/refused_nodes.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Why the engine cannot take `node`; empty when it can.
std::string Objection(const Node& node) {
  const OpDef* row = FindOp(node.op);
  if (row == nullptr) {
    return "operator not supported";
  }
  const int inputs = static_cast<int>(node.inputs.size());
  const int outputs = static_cast<int>(node.outputs.size());
  if (inputs > row->max_inputs || outputs > row->max_outputs || outputs < row->min_outputs) {
    return absl::StrCat("has ", inputs, " inputs and ", outputs, " outputs");
  }
  for (int i = 0; i < row->min_inputs; ++i) {
    if (i >= inputs || node.inputs[i] == kNoValue) {
      return absl::StrCat("input ", i, " is missing");
    }
  }
  return "";
}

// `around` names the nodes that the graph lies in.
void FindRefused(const Graph& graph, const std::string& around, RefusedNodes& refused) {
  for (const Node& node : graph.nodes) {
    const std::string objection = Objection(node);
    if (!objection.empty()) {
      refused.Add(absl::StrCat(around, Describe(node), ": ", objection));
      continue;
    }
    for (const auto& [name, subgraph] : node.attributes.Subgraphs()) {
      FindRefused(*subgraph, absl::StrCat(around, Describe(node), ": ", name, ": "), refused);
    }
  }
}

}  // namespace

absl::Status CheckSupported(const Graph& graph) {
  RefusedNodes refused;
  FindRefused(graph, "", refused);
  return refused.ToStatus();
}

}  // namespace dnnd::engine
