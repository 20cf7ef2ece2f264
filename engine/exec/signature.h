// What a model takes and gives, and along which axis it can be batched.
#ifndef DNND_ENGINE_EXEC_SIGNATURE_H_
#define DNND_ENGINE_EXEC_SIGNATURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

struct TensorSpec {
  std::string name;
  DataType type = DataType::kUndefined;
  SymbolicShape shape;
  std::optional<int> batch_axis;  // rows along it are independent of each other
};

// No limit but memory.
inline constexpr int64_t kUnlimitedBatch = int64_t{1} << 20;

struct Signature {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  bool batchable = false;  // every input and output has a batch axis
  // Data decide extents of outputs: what these are is known after a run only.
  bool open_outputs = false;
  // The most rows of one run: kUnlimitedBatch for a dynamic batch, 1 for a model with the fixed
  // extent 1 or one that is exact. A model with another fixed extent is not batchable: it takes
  // exactly the shapes that it declares.
  int64_t max_batch = 1;
  std::vector<std::string> assumed;  // what was found out or guessed, one sentence each
};

// Reads the declared shapes and tries the graph at two batch sizes: an output is batched when its
// first extent follows the batch and nothing else does. A model is batchable only when no operator
// between mixes rows, else one client's answers would depend on another's inputs, and data decide
// no extent of an output. Extents that the model leaves open besides the batch are probed at usual
// picture sizes. Errors: those of Specialize at batch 1, i.e. the graph cannot run at all;
// UNIMPLEMENTED where data decide the extents of an output so that its number of axes cannot be
// told.
absl::StatusOr<Signature> DetectSignature(const Graph& graph);

// The input shapes of one run of `batch` rows, with every other open extent set to `extent`. For
// probing and warming up.
std::vector<Shape> ProbeShapes(const Graph& graph, int64_t batch, int64_t extent);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_SIGNATURE_H_
