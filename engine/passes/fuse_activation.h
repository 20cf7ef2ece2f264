// An activation function becomes the last step of the node that it follows.
#ifndef DNND_ENGINE_PASSES_FUSE_ACTIVATION_H_
#define DNND_ENGINE_PASSES_FUSE_ACTIVATION_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// An activation that alone reads the result of a node becomes a post-op of the node where its
// operator accepts one: Relu, LeakyRelu, Clip with known bounds, Sigmoid, Tanh, Elu, HardSwish,
// Gelu, and the patterns x * Sigmoid(x) and x * HardSigmoid(x). Returns whether the graph changed.
absl::StatusOr<bool> FuseActivation(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_FUSE_ACTIVATION_H_
