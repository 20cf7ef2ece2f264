// Runs nodes by their reference kernels, without a plan: for constants that a graph computes, for
// folding, and as the independent answer in tests.
#ifndef DNND_ENGINE_OPS_INTERPRET_H_
#define DNND_ENGINE_OPS_INTERPRET_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"
#include "engine/tensor/shape.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// The most that a row with `evaluate` may make: it knows how much that is only on the way.
inline constexpr int64_t kMostEvaluatedBytes = int64_t{1} << 30;

// RESOURCE_EXHAUSTED where outputs of these types have more than `most_bytes` together.
absl::Status CheckBytes(absl::Span<const TensorType> outputs, int64_t most_bytes);

// The outputs of one node (undefined where nobody asked for them). `inputs` by argument, undefined
// where absent. UNIMPLEMENTED for an operator or a data type that the engine does not have,
// RESOURCE_EXHAUSTED for outputs of more than `most_bytes` together. Messages need not name the
// node: the caller does.
absl::StatusOr<std::vector<Tensor>> RunNode(const Node& node, absl::Span<const Tensor> inputs,
                                            int64_t most_bytes = kMaxTensorBytes);

// What Interpret does with a node; as RunNode. A node with graphs inside is Interpret's own: it
// gives the runner the nodes of the branch that is taken, and those of a loop trip by trip.
using NodeRunner = absl::FunctionRef<absl::StatusOr<std::vector<Tensor>>(
    const Node& node, absl::Span<const Tensor> inputs, int64_t most_bytes)>;

// The outputs of `graph` for the given elements of its inputs, in their order. The graph need not
// be specialised. Intermediate results are freed after their last reader. Errors name the node:
// those of `run`, and RESOURCE_EXHAUSTED where more than `most_bytes` would be held at a time,
// inputs and constants not counted.
absl::StatusOr<std::vector<Tensor>> Interpret(const Graph& graph, absl::Span<const Tensor> inputs,
                                              NodeRunner run = RunNode,
                                              int64_t most_bytes = kMaxTensorBytes);

// The elements of a constant or of a value that nodes compute from constants alone. Reads stored
// constants when they are needed and frees them early: at no time is more held than one chain of
// recipes needs. INVALID_ARGUMENT when `id` depends on an input of the graph.
absl::StatusOr<Tensor> EvaluateConstant(const Graph& graph, ValueId id);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_INTERPRET_H_
