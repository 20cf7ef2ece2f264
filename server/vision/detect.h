// From what a detector computed for one picture to what is in it.
#ifndef DNND_SERVER_VISION_DETECT_H_
#define DNND_SERVER_VISION_DETECT_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/vision/detection_head.h"
#include "server/vision/nms.h"

namespace dnnd::server {

struct DetectOptions {
  float score_threshold = 0.25f;
  float iou_threshold = 0.45f;
  int max_detections = 100;
  bool class_agnostic = false;
  bool soft_nms = false;
  float min_size = 0.0f;     // of the shorter side of a box, in pixels of the picture
  std::vector<int> classes;  // those wanted; empty: all
  InstanceMaskFormat masks = InstanceMaskFormat::kNone;
};

// Masks of one picture, best first, have at most so many times its pixels together; boxes beyond
// that come without: a bound on time, far above what things in pictures have.
inline constexpr int64_t kMostMaskedPictures = 16;

// Decodes (head) → maps to pixels of the upright picture → leaves out unwanted classes and small
// boxes → suppresses overlaps → clips to the picture → makes masks, where they are wanted and the
// head has them. Best first; nothing found is an empty list.
// `geometry` is how the picture lies in the model's input. Errors: DetectionHead::Decode's and
// MakeInstanceMask's.
absl::StatusOr<std::vector<Detection>> Detect(const DetectionHead& head,
                                              absl::Span<const OutputRow> outputs, int width,
                                              int height, const Geometry& geometry,
                                              const DetectOptions& options);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECT_H_
