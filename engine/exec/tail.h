// What follows the planned steps of a model where data decide extents: nodes that are interpreted,
// one after the other.
#ifndef DNND_ENGINE_EXEC_TAIL_H_
#define DNND_ENGINE_EXEC_TAIL_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/gate.h"
#include "engine/exec/lane_memory.h"
#include "engine/exec/signature.h"
#include "engine/exec/tail_layer.h"
#include "engine/ir/graph.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// The most that the results of a tail's nodes may hold at a time: what a picture shows decides how
// much a model asks for.
inline constexpr int64_t kMostTailBytes = int64_t{1} << 30;

// Thread-safe.
class Tail {
 public:
  // `graph` is SplitGraph::tail, `outputs` the signature's. Reads its constants but for the weights
  // of layers, which have compiled kernels for `threads` threads. Errors: those of reading.
  static absl::StatusOr<std::unique_ptr<const Tail>> Create(Graph graph,
                                                            std::vector<TensorSpec> outputs,
                                                            std::shared_ptr<WeightSet> weights,
                                                            int threads);

  const Graph& graph() const { return graph_; }
  // Nodes with compiled kernels.
  size_t num_layers() const { return layers_.size(); }

  // The outputs of the model for what the plan hands over, which the results may point into: they
  // are valid as long as `inputs` are. `gate` may be null. RESOURCE_EXHAUSTED above kMostTailBytes,
  // what the operators say of inputs that do not fit, and
  // INVALID_ARGUMENT where an output has not the type and number of axes of the signature; all name
  // the node or the output.
  absl::StatusOr<std::vector<Tensor>> Run(absl::Span<const TensorView> inputs,
                                          const LaneMemory& memory, const Gate* gate) const;

 private:
  Tail(Graph graph, std::vector<TensorSpec> outputs)
      : graph_(std::move(graph)), specs_(std::move(outputs)) {}

  Graph graph_;
  const std::vector<TensorSpec> specs_;
  absl::flat_hash_map<const Node*, std::unique_ptr<TailLayer>> layers_;  // by node of graph_
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_TAIL_H_
