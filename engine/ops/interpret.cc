#include "engine/ops/interpret.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<std::vector<Tensor>> RunRow(const OpDef& row, const Node& node,
                                           absl::Span<const Tensor> inputs, int64_t most_bytes) {
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
  DNND_RETURN_IF_ERROR(CheckBytes(infer.outputs(), most_bytes));
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

// A node that runs one of its graphs: that, with the same runner and within the same bound. The
// stack is bounded where graphs come from (kMaxNesting of the importer).
absl::StatusOr<std::vector<Tensor>> RunGraphs(const OpDef& row, const Node& node,
                                              absl::Span<const Tensor> inputs, NodeRunner run,
                                              int64_t most_bytes) {
  if (row.loop != nullptr) {
    return row.loop(node, inputs,
                    [&](const Graph& graph, absl::Span<const Tensor> given, int64_t held_bytes) {
                      return Interpret(graph, given, run, most_bytes - held_bytes);
                    });
  }
  if (inputs.empty()) {
    return absl::InvalidArgumentError("has no input");
  }
  DNND_ASSIGN_OR_RETURN(const Graph* branch, row.branch(node, inputs));
  return Interpret(*branch, inputs.subspan(inputs.size() - branch->inputs.size()), run, most_bytes);
}

// Runs nodes of a graph over the tensors that are held, by value. Used once.
class Interpreter {
 public:
  // `run` outlives it.
  Interpreter(const Graph& graph, NodeRunner run, int64_t most_bytes)
      : graph_(graph),
        run_(run),
        bytes_left_(most_bytes),
        held_(graph.values.size()),
        keep_(graph.values.size(), false),
        made_(graph.values.size(), false) {}

  // What is known at the start.
  void Hold(ValueId id, Tensor tensor) { held_[id] = std::move(tensor); }
  // Not to be freed after its last reader.
  void Keep(ValueId id) { keep_[id] = true; }

  // Runs the nodes marked in `runs`.
  absl::Status Run(const std::vector<bool>& runs) {
    CountReaders(runs);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (runs[n]) {
        DNND_RETURN_IF_ERROR(Annotate(RunOne(graph_.nodes[n]), Describe(graph_.nodes[n])));
      }
    }
    return absl::OkStatus();
  }

  // A value that was kept, or a constant.
  absl::StatusOr<Tensor> Take(ValueId id) {
    DNND_RETURN_IF_ERROR(Materialize(id));
    return held_[id];
  }

 private:
  void CountReaders(const std::vector<bool>& runs) {
    readers_.assign(graph_.values.size(), 0);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (ValueId input : graph_.nodes[n].inputs) {
        if (runs[n] && input != kNoValue) {
          ++readers_[input];
        }
      }
    }
  }

  absl::Status Materialize(ValueId id) {
    if (!held_[id].defined() && graph_.value(id).constant.has_value()) {
      DNND_ASSIGN_OR_RETURN(held_[id], graph_.value(id).constant->Materialize());
    }
    return absl::OkStatus();
  }

  absl::Status RunOne(const Node& node) {
    std::vector<Tensor> inputs(node.inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (node.inputs[i] != kNoValue) {
        DNND_RETURN_IF_ERROR(Materialize(node.inputs[i]));
        inputs[i] = held_[node.inputs[i]];
      }
    }
    const OpDef* row = FindOp(node.op);
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                          row != nullptr && row->runs_graphs()
                              ? RunGraphs(*row, node, inputs, run_, bytes_left_)
                              : run_(node, inputs, bytes_left_));
    inputs.clear();
    for (ValueId input : node.inputs) {
      Release(input);
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      const ValueId id = node.outputs[i];
      if (id != kNoValue && (readers_[id] > 0 || keep_[id])) {
        bytes_left_ -= outputs[i].num_bytes();
        held_[id] = std::move(outputs[i]);
        made_[id] = true;
      }
    }
    return absl::OkStatus();
  }

  // One reader of `id` is done; the last one frees it.
  void Release(ValueId id) {
    if (id == kNoValue || --readers_[id] > 0 || keep_[id]) {
      return;
    }
    bytes_left_ += made_[id] ? held_[id].num_bytes() : 0;
    held_[id] = Tensor();
  }

  const Graph& graph_;
  const NodeRunner run_;
  int64_t bytes_left_;
  std::vector<Tensor> held_;
  std::vector<bool> keep_;
  std::vector<bool> made_;  // by a node
  std::vector<int> readers_;
};

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

absl::Status CheckBytes(absl::Span<const TensorType> outputs, int64_t most_bytes) {
  int64_t bytes = 0;
  for (const TensorType& output : outputs) {
    bytes += output.num_bytes();
    if (bytes > most_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "makes ", output.ToString(), " of its inputs, where ", most_bytes, " bytes are left"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tensor>> RunNode(const Node& node, absl::Span<const Tensor> inputs,
                                            int64_t most_bytes) {
  const OpDef* row = FindOp(node.op);
  if (row == nullptr) {
    return absl::UnimplementedError("the engine does not have this operator");
  }
  if (row->runs_graphs()) {
    return RunGraphs(*row, node, inputs, RunNode, most_bytes);
  }
  if (row->evaluate == nullptr) {
    return RunRow(*row, node, inputs, most_bytes);
  }
  // How much it makes it knows on the way: each keeps to kMostEvaluatedBytes by itself.
  DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, row->evaluate(node, inputs));
  std::vector<TensorType> types;
  types.reserve(outputs.size());
  for (const Tensor& output : outputs) {
    types.push_back(output.tensor_type());
  }
  DNND_RETURN_IF_ERROR(CheckBytes(types, most_bytes));
  return outputs;
}

absl::StatusOr<std::vector<Tensor>> Interpret(const Graph& graph, absl::Span<const Tensor> inputs,
                                              NodeRunner run, int64_t most_bytes) {
  if (inputs.size() != graph.inputs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", inputs.size(), " inputs, the graph has ", graph.inputs.size()));
  }
  Interpreter interpreter(graph, run, most_bytes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    interpreter.Hold(graph.inputs[i], inputs[i]);
  }
  for (ValueId output : graph.outputs) {
    interpreter.Keep(output);
  }
  DNND_RETURN_IF_ERROR(interpreter.Run(std::vector<bool>(graph.nodes.size(), true)));
  std::vector<Tensor> outputs;
  for (ValueId output : graph.outputs) {
    DNND_ASSIGN_OR_RETURN(Tensor tensor, interpreter.Take(output));
    outputs.push_back(std::move(tensor));
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
  Interpreter interpreter(graph, RunNode, kMaxTensorBytes);
  interpreter.Keep(id);
  DNND_RETURN_IF_ERROR(interpreter.Run(NodesBehind(graph, id)));
  return interpreter.Take(id);
}

}  // namespace dnnd::engine
