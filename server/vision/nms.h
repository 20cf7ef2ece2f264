// Non-maximum suppression: of boxes that lie on each other, the best one stays.
#ifndef DNND_SERVER_VISION_NMS_H_
#define DNND_SERVER_VISION_NMS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/vision/detection.h"

namespace dnnd::server {

struct NmsOptions {
  float iou_threshold = 0.45f;  // boxes that share more than this of their union are of one thing
  int max_detections = 100;
  bool class_agnostic = false;  // boxes of different classes suppress each other too
  // Soft-NMS with Gaussian decay (Bodla et al., "Soft-NMS", 2017, equation 4): a box that overlaps
  // a better one by o is worth exp(-o * o / 0.5) of its score, rather than nothing.
  bool soft = false;
  float score_threshold = 0.0f;  // for soft: what decays below this goes
};

// Only the best so many candidates are looked at: a bound on time where a caller asks for every
// candidate of a large model. What trained models are evaluated with (Ultralytics' max_nms).
inline constexpr int kMaxNmsCandidates = 30000;

struct Kept {
  int32_t index = 0;  // into the candidates
  float score = 0.0f;
};

// Best first; of equal ones, the earlier first. Pure; candidates without a number as score are
// never kept.
std::vector<Kept> SuppressOverlaps(absl::Span<const Candidate> candidates,
                                   const NmsOptions& options);

// The part of their union that two boxes share, 0 to 1; 0 where that is nothing.
float IntersectionOverUnion(const Box& a, const Box& b);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_NMS_H_
