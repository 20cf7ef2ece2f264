// Things found in a picture: what heads, non-maximum suppression and replies speak of.
#ifndef DNND_SERVER_VISION_DETECTION_H_
#define DNND_SERVER_VISION_DETECTION_H_

#include <cstdint>
#include <optional>
#include <string>
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
  int32_t source = 0;       // which box of the outputs it is; of heads that give masks
};

// In no order. Keypoints of item i: [i * keypoints_each, (i + 1) * keypoints_each).
struct Candidates {
  std::vector<Candidate> items;
  std::vector<Keypoint> keypoints;
  int keypoints_each = 0;
};

// The pixels of one thing: a part of the upright picture that its box covers.
struct InstanceMask {
  int x = 0;  // of that part's first column
  int y = 0;
  int width = 0;
  int height = 0;
  std::string png;          // of that part, grey, 255 where the thing is; empty for run lengths
  std::string run_lengths;  // of the whole picture, COCO's; empty for PNG
  int64_t pixels = 0;       // of the thing
};

struct Detection {
  Box box;
  int class_index = 0;
  float score = 0.0f;
  std::vector<Keypoint> keypoints;
  std::optional<InstanceMask> mask;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECTION_H_
