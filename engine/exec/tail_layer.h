// A node of a tail that multiplies by weights: worth a compiled kernel for every shape that it
// meets.
#ifndef DNND_ENGINE_EXEC_TAIL_LAYER_H_
#define DNND_ENGINE_EXEC_TAIL_LAYER_H_

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/lane_memory.h"
#include "engine/exec/weight_set.h"
#include "engine/ir/graph.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

class Executable;

// Thread-safe. Its plans share the model's packed weights.
class TailLayer {
 public:
  // Whether `node` of `graph` is one: it multiplies by more than a few weights.
  static bool Is(const Graph& graph, const Node& node);

  // REQUIRES: Is(graph, node).
  TailLayer(const Graph& graph, const Node& node, std::shared_ptr<WeightSet> weights, int threads);

  // The node's outputs for those of its inputs that are no constants, in their order. Errors: those
  // of RunNode, of compiling, and of a lane's memory.
  absl::StatusOr<std::vector<Tensor>> Run(absl::Span<const Tensor> inputs, int64_t most_bytes,
                                          const LaneMemory& memory);

 private:
  // The graph for inputs of these types, with the types of the outputs.
  absl::StatusOr<Graph> GraphFor(absl::Span<const Tensor> inputs) const;
  std::shared_ptr<const Executable> Find(absl::Span<const TensorType> inputs);
  // Two lanes that meet new inputs at once both compile: neither waits for the other.
  absl::StatusOr<std::shared_ptr<const Executable>> Compile(Graph graph,
                                                            std::vector<TensorType> inputs);

  Graph graph_;  // of this node alone, without shapes
  const std::shared_ptr<WeightSet> weights_;
  const int threads_;
  std::mutex mutex_;
  // By the types of the inputs, the most recently used first; guarded by mutex_.
  std::list<std::pair<std::vector<TensorType>, std::shared_ptr<const Executable>>> plans_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_TAIL_LAYER_H_
