#include "engine/passes/widen_float16.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"

namespace dnnd::engine {
namespace {

bool IsNarrow(DataType type) { return type == DataType::kFloat16 || type == DataType::kBFloat16; }

Node CastNode(const Graph& graph, ValueId from, ValueId to) {
  Node node;
  node.name = absl::StrCat(graph.value(to).name, ".cast");
  node.op = "Cast";
  node.attributes.Set("to", static_cast<int64_t>(graph.value(to).type));
  node.inputs = {from};
  node.outputs = {to};
  return node;
}

// A float32 value beside `id`, of its shape.
ValueId AddWide(Graph& graph, ValueId id, ValueNames& names) {
  const ValueId wide =
      graph.AddValue(absl::StrCat(graph.value(id).name, ".f32"), DataType::kFloat32, names);
  graph.value(wide).shape = graph.value(id).shape;
  graph.value(wide).declared = graph.value(id).declared;
  return wide;
}

// Attributes that name or hold a narrow type.
absl::Status WidenAttributes(Node& node) {
  for (const char* name : {"to", "dtype"}) {  // of Cast and EyeLike
    if (IsNarrow(static_cast<DataType>(node.attributes.Int(name, 0)))) {
      node.attributes.Set(name, static_cast<int64_t>(DataType::kFloat32));
    }
  }
  const Tensor value = node.attributes.TensorValue("value");
  if (IsNarrow(value.type())) {
    Node cast;
    cast.op = "Cast";
    cast.attributes.Set("to", static_cast<int64_t>(DataType::kFloat32));
    cast.inputs = {0};
    cast.outputs = {0};
    DNND_ASSIGN_OR_RETURN(const std::vector<Tensor> wide,
                          RunNode(cast, absl::MakeConstSpan(&value, 1)));
    node.attributes.Set("value", wide[0]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> WidenFloat16(Graph& graph) {
  const ValueId count = static_cast<ValueId>(graph.values.size());
  const std::vector<NodeId> producers = graph.Producers();
  std::vector<ValueId> wide(count);
  std::vector<Node> first;  // casts of inputs and constants
  std::vector<Node> last;   // casts of outputs
  ValueNames names(graph);
  bool changed = false;
  for (ValueId id = 0; id < count; ++id) {
    wide[id] = id;
    if (!IsNarrow(graph.value(id).type)) {
      continue;
    }
    changed = true;
    if (producers[id] == kNoNode) {
      wide[id] = AddWide(graph, id, names);
      first.push_back(CastNode(graph, id, wide[id]));
    } else if (graph.IsOutput(id)) {
      wide[id] = AddWide(graph, id, names);
      last.push_back(CastNode(graph, wide[id], id));
    } else {
      graph.value(id).type = DataType::kFloat32;
    }
  }
  if (!changed) {
    return false;
  }
  for (Node& node : graph.nodes) {
    DNND_RETURN_IF_ERROR(WidenAttributes(node));
    for (std::vector<ValueId>* ids : {&node.inputs, &node.outputs}) {
      for (ValueId& id : *ids) {
        id = id == kNoValue ? kNoValue : wide[id];
      }
    }
  }
  graph.nodes.insert(graph.nodes.begin(), std::make_move_iterator(first.begin()),
                     std::make_move_iterator(first.end()));
  graph.nodes.insert(graph.nodes.end(), std::make_move_iterator(last.begin()),
                     std::make_move_iterator(last.end()));
  RemoveDeadNodes(graph);
  return true;
}

}  // namespace dnnd::engine
