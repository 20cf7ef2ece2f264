#include "engine/exec/tail.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"

namespace dnnd::engine {
namespace {

// The inputs of a layer that its own graph does not hold.
std::vector<ValueId> ReadFromOutside(const Graph& graph, const Node& node) {
  std::vector<ValueId> inputs;
  for (ValueId input : node.inputs) {
    if (input != kNoValue && !graph.value(input).constant.has_value()) {
      inputs.push_back(input);
    }
  }
  return inputs;
}

// What nodes read goes into memory: a stored constant would be read from the file at each run.
absl::Status ReadConstants(Graph& graph) {
  for (const Node& node : graph.nodes) {
    for (ValueId input : node.inputs) {
      if (input == kNoValue || !graph.value(input).constant.has_value()) {
        continue;
      }
      Value& value = graph.value(input);
      absl::StatusOr<Tensor> elements = value.constant->Materialize();
      if (!elements.ok()) {
        return Annotate(elements.status(), absl::StrCat("constant \"", value.name, "\""));
      }
      value.constant = Constant(*std::move(elements));
    }
  }
  return absl::OkStatus();
}

// The branches of an If may give tensors of different types, of which a model declares one.
absl::Status CheckTypes(const Graph& graph, absl::Span<const Tensor> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Value& value = graph.value(graph.outputs[i]);
    if (value.type != DataType::kUndefined && value.type != outputs[i].type()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "output \"", value.name, "\" came out as ", outputs[i].tensor_type().ToString(),
          ", where the model declares ", DataTypeName(value.type)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Tail>> Tail::Create(Graph graph,
                                                         std::shared_ptr<WeightSet> weights,
                                                         int threads) {
  auto tail = absl::WrapUnique(new Tail(std::move(graph)));
  for (Node& node : tail->graph_.nodes) {
    if (TailLayer::Is(tail->graph_, node)) {
      tail->layers_.emplace(&node,
                            std::make_unique<TailLayer>(tail->graph_, node, weights, threads));
      node.inputs = ReadFromOutside(tail->graph_, node);
    }
  }
  DNND_RETURN_IF_ERROR(ReadConstants(tail->graph_));
  return tail;
}

absl::StatusOr<std::vector<Tensor>> Tail::Run(absl::Span<const TensorView> inputs,
                                              const LaneMemory& memory, const Gate* gate) const {
  std::vector<Tensor> tensors;
  for (const TensorView& input : inputs) {
    tensors.push_back(Tensor::Borrow(input));
  }
  const auto run = [&](const Node& node, absl::Span<const Tensor> arguments, int64_t most_bytes) {
    const auto layer = layers_.find(&node);
    absl::StatusOr<std::vector<Tensor>> results =
        layer == layers_.end() ? RunNode(node, arguments, most_bytes)
                               : layer->second->Run(arguments, most_bytes, memory);
    if (gate != nullptr) {
      (*gate)();
    }
    return results;
  };
  DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                        Interpret(graph_, tensors, run, kMostTailBytes));
  DNND_RETURN_IF_ERROR(CheckTypes(graph_, outputs));
  return outputs;
}

}  // namespace dnnd::engine
