// The architectures of the zoo, one function each; the list is in zoo.cc.
#ifndef DNND_ENGINE_ZOO_ARCHITECTURES_H_
#define DNND_ENGINE_ZOO_ARCHITECTURES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Each: with this seed and this number of classes. REQUIRES: num_classes > 0.
absl::StatusOr<Graph> BuildMlp(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildAlexNet(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildVgg16(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildResNet18(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildResNet50(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildMobileNetV2(uint64_t seed, int num_classes);
absl::StatusOr<Graph> BuildUNet(uint64_t seed, int num_classes);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ZOO_ARCHITECTURES_H_
