#include "engine/exec/tail.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"

namespace dnnd::engine {
namespace {

// Layers of one run may need much memory, those of the next one little.
constexpr int64_t kKeptArenaBytes = int64_t{64} << 20;

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

// Data may decide even what a model's declarations say of its outputs: the type, where branches of
// an If differ, and the number of axes. Who reads outputs relies on both, and on no extent.
absl::Status CheckOutputs(absl::Span<const TensorSpec> specs, absl::Span<const Tensor> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const TensorSpec& spec = specs[i];
    if (spec.type != outputs[i].type() ||
        static_cast<int>(spec.shape.size()) != outputs[i].shape().rank()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "output \"", spec.name, "\" came out as ", outputs[i].tensor_type().ToString(),
          ", where the model declares ", DataTypeName(spec.type), ToString(spec.shape)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Tail>> Tail::Create(Graph graph,
                                                         std::vector<TensorSpec> outputs,
                                                         std::shared_ptr<WeightSet> weights,
                                                         int threads) {
  auto tail = absl::WrapUnique(new Tail(std::move(graph), std::move(outputs)));
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
  absl::StatusOr<std::vector<Tensor>> outputs = Interpret(graph_, tensors, run, kMostTailBytes);
  if (memory.tail->size() > kKeptArenaBytes) {
    memory.tail->Release();
  }
  DNND_RETURN_IF_ERROR(outputs.status());
  DNND_RETURN_IF_ERROR(CheckOutputs(specs_, *outputs));
  return outputs;
}

}  // namespace dnnd::engine
