// Masks of single things: from what a model says of one detection to the pixels of its box.
#ifndef DNND_SERVER_VISION_INSTANCE_MASK_H_
#define DNND_SERVER_VISION_INSTANCE_MASK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/tensor/shape.h"
#include "server/vision/detection.h"
#include "server/vision/preprocess.h"
#include "server/vision/segment.h"

namespace dnnd::server {

// A score for each cell of a part of the model's input: how sure it is that the thing is there.
struct InstanceScores {
  std::vector<float> values;  // rows from the top
  int height = 0;
  int width = 0;
  ScoreScale scale = ScoreScale::kProbabilities;
  Box covers;  // in pixels of the input
};

// The scores that `coefficients` make of prototypes [count, height, width], which cover an input of
// this size (Bolya et al., "YOLACT", 2019: logit = sum of coefficient * prototype), as far as `box`
// of the input asks for them. REQUIRES: as many coefficients as prototypes; no empty axis.
InstanceScores CombinePrototypes(const engine::Shape& shape, absl::Span<const float> prototypes,
                                 absl::Span<const float> coefficients, InputSize input,
                                 const Box& box);

enum class InstanceMaskFormat { kNone, kPng, kRunLengths };

// The mask of the pixels whose middles lie in `box`, of the upright picture: those with a
// probability of at least a half, interpolated between the centres of the cells. Empty where no
// middle does. INTERNAL where libpng fails.
absl::StatusOr<InstanceMask> MakeInstanceMask(const InstanceScores& scores, const Box& box,
                                              const Geometry& geometry, InstanceMaskFormat format);

// How many pixels that mask has.
int64_t CountMaskPixels(const Box& box);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_INSTANCE_MASK_H_
