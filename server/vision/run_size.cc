#include "server/vision/run_size.h"

#include <algorithm>
#include <cmath>

namespace dnnd::server {

PictureSize RunSize(PictureSize picture, const OpenSize& open) {
  const double factor =
      std::min(1.0, static_cast<double>(open.max_side) / std::max(picture.width, picture.height));
  const auto side = [&](int pixels) {
    const int scaled = std::max(1, static_cast<int>(std::lround(pixels * factor)));
    const int largest = open.max_side / open.multiple * open.multiple;
    return std::min((scaled + open.multiple - 1) / open.multiple * open.multiple, largest);
  };
  return {side(picture.width), side(picture.height)};
}

}  // namespace dnnd::server
