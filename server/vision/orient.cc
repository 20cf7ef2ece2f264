#include "server/vision/orient.h"

#include <algorithm>
#include <utility>

#include "engine/base/status.h"

namespace dnnd::server {

namespace {

// Where the pixel (x, y) of the upright picture lies in the stored one:
// address = origin + x * step_x + y * step_y, in pixels.
struct Walk {
  int64_t origin;
  int64_t step_x;
  int64_t step_y;
};

Walk WalkOf(const Image& stored, Orientation orientation) {
  const int64_t w = stored.width();
  const int64_t h = stored.height();
  const int64_t last_column = w - 1;
  const int64_t last_row = (h - 1) * w;
  switch (orientation) {
    case Orientation::kUpright:
      return {0, 1, w};
    case Orientation::kMirrored:
      return {last_column, -1, w};
    case Orientation::kRotated180:
      return {last_row + last_column, -1, -w};
    case Orientation::kFlipped:
      return {last_row, 1, -w};
    case Orientation::kTransposed:
      return {0, w, 1};
    case Orientation::kRotated90:
      return {last_row, -w, 1};
    case Orientation::kTransversed:
      return {last_row + last_column, -w, -1};
    case Orientation::kRotated270:
      return {last_column, w, -1};
  }
  return {0, 1, w};
}

// Copies in blocks: walking along the stored picture's columns would touch a cache line a pixel.
constexpr int kBlock = 32;

void CopyBlock(const Image& stored, const Walk& walk, int x0, int y0, Image& upright) {
  const uint8_t* pixels = stored.row(0);
  const int x1 = std::min(x0 + kBlock, upright.width());
  const int y1 = std::min(y0 + kBlock, upright.height());
  for (int y = y0; y < y1; ++y) {
    const uint8_t* from = pixels + (walk.origin + x0 * walk.step_x + y * walk.step_y) * 3;
    uint8_t* to = upright.mutable_row(y) + int64_t{x0} * 3;
    for (int x = x0; x < x1; ++x, from += walk.step_x * 3, to += 3) {
      to[0] = from[0];
      to[1] = from[1];
      to[2] = from[2];
    }
  }
}

}  // namespace

absl::StatusOr<Image> MakeUpright(Image image, Orientation orientation) {
  if (orientation == Orientation::kUpright) {
    return image;
  }
  const bool swap = SwapsSides(orientation);
  DNND_ASSIGN_OR_RETURN(Image upright, Image::Create(swap ? image.height() : image.width(),
                                                     swap ? image.width() : image.height()));
  const Walk walk = WalkOf(image, orientation);
  for (int y = 0; y < upright.height(); y += kBlock) {
    for (int x = 0; x < upright.width(); x += kBlock) {
      CopyBlock(image, walk, x, y, upright);
    }
  }
  return upright;
}

}  // namespace dnnd::server
