// From what a detector computed for one picture to what is in it.
#ifndef DNND_SERVER_VISION_DETECT_H_
#define DNND_SERVER_VISION_DETECT_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/vision/detection_head.h"
#include "server/vision/nms.h"

namespace dnnd::server {

// Bounds on the time and the memory of masks, far above what things in pictures take. Boxes beyond
// them, the least sure ones, come without a mask.
//
// Masks of one picture together have at most so many times its pixels; ...
inline constexpr double kMostMaskedPictures = 16;
// ... less where those of a request would have more pixels than this (a few seconds of a CPU) ...
inline constexpr int64_t kMostMaskPixels = int64_t{1} << 28;
// ... but no less than this: about as long as decoding the pictures takes.
inline constexpr double kLeastMaskedPictures = 2;

// How many times its pixels the masks of each picture may have, in a request of pictures with so
// many pixels in all.
double MaskedPicturesOf(int64_t request_pixels);

// Bytes that the masks of a picture may take together, of so many detections at most: a byte for
// each of its pixels, and for each mask what the smallest file has.
int64_t MostMaskBytes(int64_t picture_pixels, int max_detections);

struct DetectOptions {
  float score_threshold = 0.25f;
  float iou_threshold = 0.45f;
  int max_detections = 100;
  bool class_agnostic = false;
  bool soft_nms = false;
  float min_size = 0.0f;     // of the shorter side of a box, in pixels of the picture
  std::vector<int> classes;  // those wanted; empty: all
  InstanceMaskFormat masks = InstanceMaskFormat::kNone;
  double masked_pictures = kMostMaskedPictures;  // how many times its pixels masks have together
  // Asked before each mask; what is not OK ends it. Null: always OK.
  std::function<absl::Status()> still_wanted;
};

// Decodes (head) → maps to pixels of the upright picture → leaves out unwanted classes and small
// boxes → suppresses overlaps → clips to the picture → makes masks, where they are wanted and the
// head has them. Best first; nothing found is an empty list.
// `geometry` is how the picture lies in the model's input. Errors: DetectionHead::Decode's,
// MakeInstanceMask's, and what `still_wanted` says.
absl::StatusOr<std::vector<Detection>> Detect(const DetectionHead& head,
                                              absl::Span<const OutputRow> outputs, int width,
                                              int height, const Geometry& geometry,
                                              const DetectOptions& options);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECT_H_
