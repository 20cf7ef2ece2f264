#include "engine/exec/tail.h"

#include "engine/ops/interpret.h"

namespace dnnd::engine {

absl::StatusOr<std::vector<Tensor>> Tail::Run(absl::Span<const TensorView> inputs,
                                              const Gate* gate) const {
  std::vector<Tensor> tensors;
  for (const TensorView& input : inputs) {
    tensors.push_back(Tensor::Borrow(input));
  }
  const auto run = [gate](const Node& node, absl::Span<const Tensor> arguments,
                          int64_t most_bytes) {
    absl::StatusOr<std::vector<Tensor>> results = RunNode(node, arguments, most_bytes);
    if (gate != nullptr) {
      (*gate)();
    }
    return results;
  };
  return Interpret(graph_, tensors, run, kMostTailBytes);
}

}  // namespace dnnd::engine
