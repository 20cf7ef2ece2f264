#include "server/repository/engine_facts.h"

#include "absl/strings/str_cat.h"

namespace dnnd::server {

absl::StatusOr<engine::Precision> ToEngine(v1::ModelConfig::Precision precision) {
  switch (precision) {
    case v1::ModelConfig::EXACT:
      return engine::Precision::kExact;
    case v1::ModelConfig::F32:
      return engine::Precision::kFloat32;
    default:
      return absl::UnimplementedError(
          absl::StrCat("precision: got ", v1::ModelConfig::Precision_Name(precision),
                       ", want EXACT or F32; the engine has no other yet"));
  }
}

bool MayServeOthers(const engine::Signature& signature, const absl::Status& status) {
  if (signature.open_outputs && absl::IsInvalidArgument(status)) {
    return true;
  }
  return HasOpenExtents(signature) && !absl::IsResourceExhausted(status);
}

bool HasOpenExtents(const engine::Signature& signature) {
  for (const engine::TensorSpec& spec : signature.inputs) {
    for (int axis = 0; axis < static_cast<int>(spec.shape.size()); ++axis) {
      if (!spec.shape[axis].known() && spec.batch_axis != axis) {
        return true;
      }
    }
  }
  return false;
}

bool EndsInScores(const engine::Graph& graph) {
  if (graph.outputs.size() != 1) {
    return false;
  }
  const std::vector<engine::NodeId> producers = graph.Producers();
  engine::ValueId value = graph.outputs[0];
  while (value != engine::kNoValue && producers[value] != engine::kNoNode) {
    const engine::Node& node = graph.nodes[producers[value]];
    if (node.op == "Softmax" || node.op == "Sigmoid") {
      return true;
    }
    const bool reshapes = node.op == "Reshape" || node.op == "Flatten" || node.op == "Squeeze" ||
                          node.op == "Unsqueeze" || node.op == "Identity" || node.op == "Cast";
    if (!reshapes || node.inputs.empty()) {
      return false;
    }
    value = node.inputs[0];
  }
  return false;
}

}  // namespace dnnd::server
