// Graphs as text.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {
namespace {

absl::string_view PostOpName(PostOp::Kind kind) {
  switch (kind) {
    case PostOp::Kind::kSum:
      return "sum";
    case PostOp::Kind::kRelu:
      return "relu";
    case PostOp::Kind::kClip:
      return "clip";
    case PostOp::Kind::kSigmoid:
      return "sigmoid";
    case PostOp::Kind::kTanh:
      return "tanh";
    case PostOp::Kind::kElu:
      return "elu";
    case PostOp::Kind::kSwish:
      return "swish";
    case PostOp::Kind::kHardSwish:
      return "hard_swish";
    case PostOp::Kind::kGelu:
      return "gelu";
  }
  return "?";
}

std::string DumpValue(const Graph& graph, ValueId id) {
  if (id == kNoValue) {
    return "-";
  }
  const Value& value = graph.value(id);
  std::string shape;
  if (value.shape.has_value()) {
    shape = value.shape->ToString();
  } else if (value.declared.has_value()) {
    shape = ToString(*value.declared);
  }
  return absl::StrCat(value.constant.has_value() ? "$" : "%", value.name, ":",
                      DataTypeName(value.type), shape);
}

std::string DumpValues(const Graph& graph, const std::vector<ValueId>& ids) {
  return absl::StrJoin(
      ids, ", ", [&](std::string* out, ValueId id) { absl::StrAppend(out, DumpValue(graph, id)); });
}

void DumpGraph(const Graph& graph, const std::string& indent, std::string& text) {
  absl::StrAppend(&text, "graph \"", graph.name, "\" (", DumpValues(graph, graph.inputs), ")\n");
  for (const Node& node : graph.nodes) {
    absl::StrAppend(&text, indent, "  ", DumpValues(graph, node.outputs), " = ", node.op, "(",
                    DumpValues(graph, node.inputs), ")");
    for (const PostOp& post_op : node.post_ops) {
      absl::StrAppend(&text, " -> ", PostOpName(post_op.kind));
    }
    absl::StrAppend(&text, "\n");
    for (const auto& [name, subgraph] : node.attributes.Subgraphs()) {
      absl::StrAppend(&text, indent, "    ", name, ": ");
      DumpGraph(*subgraph, indent + "    ", text);
    }
  }
  absl::StrAppend(&text, indent, "  return ", DumpValues(graph, graph.outputs), "\n");
}

}  // namespace

std::string Dump(const Graph& graph) {
  std::string text;
  DumpGraph(graph, "", text);
  return text;
}

}  // namespace dnnd::engine
