// Things found in a picture: what heads, non-maximum suppression and replies speak of.
#ifndef DNND_SERVER_VISION_DETECTION_H_
#define DNND_SERVER_VISION_DETECTION_H_

#include <cstdint>
#include <vector>

namespace dnnd::server {

// Edges in pixels; a pixel's own area is [x, x + 1) by [y, y + 1).
struct Box {
  float x_min = 0.0f;
  float y_min = 0.0f;
  float x_max = 0.0f;
  float y_max = 0.0f;
};

struct Keypoint {
  float x = 0.0f;
  float y = 0.0f;
};

// Classes have indices below this, so that a model that gives them as numbers cannot ask for
// memory.
inline constexpr int kMaxDetectionClasses = 1 << 16;

// A box that a head is sure enough of, before overlaps are resolved.
struct Candidate {
  Box box;  // finite
  float score = 0.0f;
  int32_t class_index = 0;  // 0 to kMaxDetectionClasses - 1
};

// In no order. Keypoints of item i: [i * keypoints_each, (i + 1) * keypoints_each).
struct Candidates {
  std::vector<Candidate> items;
  std::vector<Keypoint> keypoints;
  int keypoints_each = 0;
};

struct Detection {
  Box box;
  int class_index = 0;
  float score = 0.0f;
  std::vector<Keypoint> keypoints;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECTION_H_
