// The size at which a model of open height and width runs for a picture.
#ifndef DNND_SERVER_VISION_RUN_SIZE_H_
#define DNND_SERVER_VISION_RUN_SIZE_H_

#include <cstdint>

namespace dnnd::server {

struct OpenSize {
  int max_side = 1280;
  int multiple = 32;  // at most max_side
};

struct PictureSize {
  int width = 0;
  int height = 0;

  int64_t pixels() const { return int64_t{width} * height; }

  friend bool operator<(const PictureSize& a, const PictureSize& b) {
    return a.width != b.width ? a.width < b.width : a.height < b.height;
  }
};

// The picture's own size, scaled down so that neither side is above max_side, each side then
// rounded up to the multiple (but not above max_side). A letterbox of that size that does not
// enlarge leaves a small picture's pixels as they are. REQUIRES: sides of 1 or more.
PictureSize RunSize(PictureSize picture, const OpenSize& open);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_RUN_SIZE_H_
