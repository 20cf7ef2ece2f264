// Runs nodes by their reference kernels, without a plan: for constants that a graph computes, for
// folding, and as the independent answer in tests.
#ifndef DNND_ENGINE_OPS_INTERPRET_H_
#define DNND_ENGINE_OPS_INTERPRET_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// The outputs of one node (undefined where nobody asked for them). `inputs` by argument, undefined
// where absent. UNIMPLEMENTED for an operator or a data type that the engine does not have.
// Messages need not name the node: the caller does.
absl::StatusOr<std::vector<Tensor>> RunNode(const Node& node, absl::Span<const Tensor> inputs);

// The outputs of `graph` for the given elements of its inputs, in their order. The graph need not
// be specialised. Intermediate results are freed after their last reader. Errors name the node.
absl::StatusOr<std::vector<Tensor>> Interpret(const Graph& graph, absl::Span<const Tensor> inputs);

// The elements of a constant or of a value that nodes compute from constants alone. Reads stored
// constants when they are needed and frees them early: at no time is more held than one chain of
// recipes needs. INVALID_ARGUMENT when `id` depends on an input of the graph.
absl::StatusOr<Tensor> EvaluateConstant(const Graph& graph, ValueId id);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_INTERPRET_H_
