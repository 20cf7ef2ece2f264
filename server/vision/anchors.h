// Anchors: the boxes that a detector's offsets start from.
#ifndef DNND_SERVER_VISION_ANCHORS_H_
#define DNND_SERVER_VISION_ANCHORS_H_

#include <vector>

#include "absl/types/span.h"
#include "server/vision/detection_head.h"

namespace dnnd::server {

struct Anchor {
  float x = 0.0f;  // of the middle, in pixels of the input
  float y = 0.0f;
  float width = 0.0f;
  float height = 0.0f;
};

struct AnchorRule {
  float offset = 0.5f;  // of the middle in its cell, in parts of the cell
  bool clip = false;    // middles and sizes are bounded to the input
};

// The anchors for an input of this size: by level, row, column, size.
std::vector<Anchor> MakeAnchors(absl::Span<const AnchorLevel> levels, int width, int height,
                                const AnchorRule& rule);

// How many those are.
int64_t CountAnchors(absl::Span<const AnchorLevel> levels, int64_t width, int64_t height);

// The box of an offset, as SSD encodes it (Liu et al., "SSD: Single Shot MultiBox Detector", 2016,
// equation 2, with variances):
//   middle = anchor middle + offset * center_variance * anchor size
//   size   = anchor size * exp(offset * size_variance)
Box DecodeOffset(const float* offset, const Anchor& anchor, float center_variance,
                 float size_variance);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_ANCHORS_H_
