#include "engine/passes/eliminate_identity.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Whether input `i` is a known constant all of whose integers satisfy `holds`; an absent input
// does.
template <typename Predicate>
bool AllOf(const Graph& graph, const Node& node, size_t i, const Predicate& holds) {
  if (i >= node.inputs.size() || node.inputs[i] == kNoValue) {
    return true;
  }
  const Value& value = graph.value(node.inputs[i]);
  if (!value.constant.has_value() || value.constant->in_memory() == nullptr) {
    return false;
  }
  const absl::StatusOr<Dims> values = ToInt64s(value.constant->in_memory()->view());
  return values.ok() && std::all_of(values->begin(), values->end(), holds);
}

// Whether the axes longer than 1 keep their order: then no element moves.
bool MovesNothing(const Node& node, const Shape& shape) {
  std::vector<int64_t> perm(shape.rank());
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = node.attributes.Ints("perm", perm);
  int64_t last = -1;
  for (int64_t axis : perm) {
    axis = axis < 0 ? axis + shape.rank() : axis;
    if (shape[static_cast<int>(axis)] == 1) {
      continue;
    }
    if (axis < last) {
      return false;
    }
    last = axis;
  }
  return true;
}

// Whether output 0 is input 0. Types and shapes are known to be equal.
bool IsIdentity(const Graph& graph, const Node& node) {
  const OpDef* row = FindOp(node.op);
  if (row == nullptr || !node.post_ops.empty()) {
    return false;
  }
  if (row->view || node.op == "Cast" || node.op == "Expand" || node.op == "Tile") {
    return true;
  }
  if (node.op == "Concat" || node.op == "Split") {
    return (node.op == "Split" ? node.outputs.size() : node.inputs.size()) == 1;
  }
  if (node.op == "Slice") {
    return AllOf(graph, node, 4, [](int64_t step) { return step > 0; });
  }
  if (node.op == "Pad") {
    return AllOf(graph, node, 1, [](int64_t pad) { return pad == 0; });
  }
  return node.op == "Transpose" && MovesNothing(node, *graph.value(node.inputs[0]).shape);
}

// A Transpose by which no element moves, but the shape changes.
bool BecomeReshape(Graph& graph, Node& node, ValueNames& names) {
  if (node.op != "Transpose" || !MovesNothing(node, *graph.value(node.inputs[0]).shape)) {
    return false;
  }
  const Value& output = graph.value(node.outputs[0]);
  const std::string name = absl::StrCat(output.name, ".shape");
  const Tensor shape = Tensor::Int64s(output.shape->dims());
  node.inputs.push_back(graph.AddConstant(name, Constant(shape), names));
  node.op = "Reshape";
  node.attributes = Attributes({{"allowzero", int64_t{1}}});
  return true;
}

}  // namespace

absl::StatusOr<bool> EliminateIdentity(Graph& graph) {
  std::vector<ValueId> stands_for(graph.values.size());
  std::iota(stands_for.begin(), stands_for.end(), 0);
  std::vector<Node> kept;
  ValueNames names(graph);
  bool changed = false;
  for (Node& node : graph.nodes) {
    for (ValueId& input : node.inputs) {
      input = input == kNoValue || input >= static_cast<ValueId>(stands_for.size())
                  ? input
                  : stands_for[input];
    }
    if (node.inputs.empty() || node.inputs[0] == kNoValue || node.outputs[0] == kNoValue) {
      kept.push_back(std::move(node));
      continue;
    }
    const Value& from = graph.value(node.inputs[0]);
    const Value& to = graph.value(node.outputs[0]);
    const bool same = from.type == to.type && from.shape == to.shape;
    // An output of the graph keeps its name; the view that produces it costs nothing.
    if (same && IsIdentity(graph, node) && !graph.IsOutput(node.outputs[0])) {
      stands_for[node.outputs[0]] = node.inputs[0];
      changed = true;
      continue;
    }
    if (same && IsIdentity(graph, node) && node.op != "Identity") {
      node.op = "Identity";
      node.attributes = Attributes();
      node.inputs.resize(1);
      changed = true;
    }
    changed = BecomeReshape(graph, node, names) || changed;
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
  return changed;
}

}  // namespace dnnd::engine
