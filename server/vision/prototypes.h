// Masks of a model that gives each box coefficients of prototypes, as YOLO's do.
#ifndef DNND_SERVER_VISION_PROTOTYPES_H_
#define DNND_SERVER_VISION_PROTOTYPES_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "server/vision/detection_head.h"

namespace dnnd::server {

// Which outputs hold what.
struct PrototypeOutputs {
  size_t boxes = 0;          // of two axes
  size_t prototypes = 0;     // [coefficients, rows, columns], where there are coefficients
  int64_t coefficients = 0;  // of each box; 0: the model gives no masks
};

// Boxes of two axes, alone or beside prototypes of three.
std::optional<PrototypeOutputs> FindPrototypes(const DetectorInfo& info);

// The mask of a box of the input whose coefficients begin at `first`, `step` values from one to the
// next. FAILED_PRECONDITION where the prototypes have not the shape that they must have.
absl::StatusOr<InstanceScores> MaskOfPrototypes(const HeadInput& input,
                                                const PrototypeOutputs& outputs, const float* first,
                                                int64_t step, const Box& box);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_PROTOTYPES_H_
