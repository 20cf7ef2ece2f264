#include "engine/ops/interpret.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<std::vector<Tensor>> RunRow(const OpDef& row, const Node& node,
                                           absl::Span<const Tensor> inputs) {
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  std::vector<TensorView> input_views;
  for (const Tensor& input : inputs) {
    types.push_back(input.tensor_type());
    known.push_back(input.defined() ? &input : nullptr);
    input_views.push_back(input.view());
  }
  InferContext infer(node, types, known);
  DNND_RETURN_IF_ERROR(row.infer(infer));
  std::vector<Tensor> outputs(node.outputs.size());
  std::vector<MutableTensorView> output_views(node.outputs.size());
  for (size_t i = 0; i < outputs.size() && i < infer.outputs().size(); ++i) {
    if (node.outputs[i] != kNoValue) {
      const TensorType& type = infer.outputs()[i];
      DNND_ASSIGN_OR_RETURN(outputs[i], Tensor::Create(type.type, type.shape));
      output_views[i] = outputs[i].mutable_view();
    }
  }
  DNND_RETURN_IF_ERROR(row.reference(ReferenceContext(node, input_views, output_views)));
  return outputs;
}

// The inputs of `node`, of which every reader counts down; a value that has no more goes from
// `held` unless `keep` marks it.
absl::StatusOr<std::vector<Tensor>> TakeInputs(const Graph& graph, const Node& node,
                                               const std::vector<bool>& keep,
                                               std::vector<int>& readers,
                                               std::vector<Tensor>& held) {
  std::vector<Tensor> inputs(node.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoValue) {
      continue;
    }
    const bool stored = !held[id].defined() && graph.value(id).constant.has_value();
    if (stored) {
      DNND_ASSIGN_OR_RETURN(held[id], graph.value(id).constant->Materialize());
    }
    inputs[i] = held[id];
    if (--readers[id] == 0 && !keep[id]) {
      held[id] = Tensor();
    }
  }
  return inputs;
}

// Runs the nodes marked in `runs` over `held` (by value; defined for what is known at the start),
// freeing values after their last reader unless `keep` marks them.
absl::Status RunNodes(const Graph& graph, const std::vector<bool>& runs,
                      const std::vector<bool>& keep, std::vector<Tensor>& held) {
  std::vector<int> readers(graph.values.size(), 0);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId input : graph.nodes[n].inputs) {
      if (runs[n] && input != kNoValue) {
        ++readers[input];
      }
    }
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!runs[n]) {
      continue;
    }
    const Node& node = graph.nodes[n];
    DNND_ASSIGN_OR_RETURN(const std::vector<Tensor> inputs,
                          TakeInputs(graph, node, keep, readers, held));
    absl::StatusOr<std::vector<Tensor>> outputs = RunNode(node, inputs);
    if (!outputs.ok()) {
      return Annotate(outputs.status(), Describe(node));
    }
    for (size_t i = 0; i < outputs->size(); ++i) {
      const ValueId id = node.outputs[i];
      if (id != kNoValue && (readers[id] > 0 || keep[id])) {
        held[id] = std::move((*outputs)[i]);
      }
    }
  }
  return absl::OkStatus();
}

// The nodes that `id` is computed by.
std::vector<bool> NodesBehind(const Graph& graph, ValueId id) {
  std::vector<bool> wanted(graph.values.size(), false);
  wanted[id] = true;
  std::vector<bool> runs(graph.nodes.size(), false);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    for (ValueId output : graph.nodes[n].outputs) {
      runs[n] = runs[n] || (output != kNoValue && wanted[output]);
    }
    for (ValueId input : graph.nodes[n].inputs) {
      if (runs[n] && input != kNoValue) {
        wanted[input] = true;
      }
    }
  }
  return runs;
}

}  // namespace

absl::StatusOr<std::vector<Tensor>> RunNode(const Node& node, absl::Span<const Tensor> inputs) {
  const OpDef* row = FindOp(node.op);
  if (row == nullptr) {
    return absl::UnimplementedError("the engine does not have this operator");
  }
  return RunRow(*row, node, inputs);
}

absl::StatusOr<std::vector<Tensor>> Interpret(const Graph& graph, absl::Span<const Tensor> inputs) {
  if (inputs.size() != graph.inputs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", inputs.size(), " inputs, the graph has ", graph.inputs.size()));
  }
  std::vector<Tensor> held(graph.values.size());
  std::vector<bool> keep(graph.values.size(), false);
  for (size_t i = 0; i < inputs.size(); ++i) {
    held[graph.inputs[i]] = inputs[i];
  }
  for (ValueId output : graph.outputs) {
    keep[output] = true;
  }
  DNND_RETURN_IF_ERROR(RunNodes(graph, std::vector<bool>(graph.nodes.size(), true), keep, held));
  std::vector<Tensor> outputs;
  for (ValueId output : graph.outputs) {
    if (!held[output].defined() && graph.value(output).constant.has_value()) {
      DNND_ASSIGN_OR_RETURN(held[output], graph.value(output).constant->Materialize());
    }
    outputs.push_back(held[output]);
  }
  return outputs;
}

absl::StatusOr<Tensor> EvaluateConstant(const Graph& graph, ValueId id) {
  if (graph.value(id).constant.has_value()) {
    return graph.value(id).constant->Materialize();
  }
  if (!ConstantValues(graph)[id]) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", graph.value(id).name, "\" depends on an input of the graph: it is no constant"));
  }
  std::vector<Tensor> held(graph.values.size());
  std::vector<bool> keep(graph.values.size(), false);
  keep[id] = true;
  DNND_RETURN_IF_ERROR(RunNodes(graph, NodesBehind(graph, id), keep, held));
  return held[id];
}

}  // namespace dnnd::engine
