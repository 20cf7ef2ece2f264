#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/ops/op_def.h"
#include "engine/passes/specialize.h"

namespace dnnd::engine {
namespace {

// A message names so many nodes and counts the others.
constexpr int kMaxListed = 10;

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

}  // namespace

absl::Status CheckSupported(const Graph& graph) {
  std::string listed;
  int refused = 0;
  for (const Node& node : graph.nodes) {
    const std::string objection = Objection(node);
    if (objection.empty()) {
      continue;
    }
    if (++refused <= kMaxListed) {
      absl::StrAppend(&listed, refused == 1 ? "" : "; ", Describe(node), ": ", objection);
    }
  }
  if (refused == 0) {
    return absl::OkStatus();
  }
  const int hidden = std::max(refused - kMaxListed, 0);
  return absl::UnimplementedError(
      absl::StrCat(listed, hidden > 0 ? absl::StrCat("; and ", hidden, " more nodes") : ""));
}

}  // namespace dnnd::engine
