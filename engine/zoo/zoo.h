// Standard architectures as graphs with seeded initial weights: for benchmarks, tests and training
// from scratch.
#ifndef DNND_ENGINE_ZOO_ZOO_H_
#define DNND_ENGINE_ZOO_ZOO_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

struct ZooModel {
  absl::string_view name;
  absl::string_view description;
  int num_classes;  // by default
};

struct ZooOptions {
  uint64_t seed = 1;
  int num_classes = 0;  // 0: the model's default
};

// In the order in which they are listed. Lives for ever.
absl::Span<const ZooModel> ZooModels();

// Builds a model with an input of dynamic batch "N" and, for classifiers, an output "logits"
// without softmax. Parameters are named and counted as torchvision's; a weight depends on the seed,
// its name and its place only. NOT_FOUND naming the models that there are, INVALID_ARGUMENT for a
// negative number of classes.
absl::StatusOr<Graph> BuildZooModel(absl::string_view name, const ZooOptions& options);

// Trainable elements of a graph that has come from BuildZooModel or from a file: those of its
// constants of floating point, without running statistics.
int64_t CountParameters(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ZOO_ZOO_H_
