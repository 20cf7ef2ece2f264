#include "server/vision/anchors.h"

#include <algorithm>
#include <cmath>

#include "server/vision/head_support.h"

namespace dnnd::server {

std::vector<Anchor> MakeAnchors(absl::Span<const AnchorLevel> levels, int width, int height,
                                const AnchorRule& rule) {
  std::vector<Anchor> anchors;
  anchors.reserve(CountAnchors(levels, width, height));
  const float right = rule.clip ? static_cast<float>(width) : INFINITY;
  const float bottom = rule.clip ? static_cast<float>(height) : INFINITY;
  for (const AnchorLevel& level : levels) {
    const GridLevel grid = MakeGrid({level.stride}, width, height)[0];
    for (int64_t y = 0; y < grid.rows; ++y) {
      for (int64_t x = 0; x < grid.columns; ++x) {
        for (const AnchorLevel::Size& size : level.sizes) {
          anchors.push_back({std::min((static_cast<float>(x) + rule.offset) * level.stride, right),
                             std::min((static_cast<float>(y) + rule.offset) * level.stride, bottom),
                             std::min(size.width, right), std::min(size.height, bottom)});
        }
      }
    }
  }
  return anchors;
}

int64_t CountAnchors(absl::Span<const AnchorLevel> levels, int64_t width, int64_t height) {
  int64_t count = 0;
  for (const AnchorLevel& level : levels) {
    count += MakeGrid({level.stride}, width, height)[0].cells() *
             static_cast<int64_t>(level.sizes.size());
  }
  return count;
}

Box DecodeOffset(const float* offset, const Anchor& anchor, float center_variance,
                 float size_variance) {
  return CenteredBox(anchor.x + offset[0] * center_variance * anchor.width,
                     anchor.y + offset[1] * center_variance * anchor.height,
                     anchor.width * std::exp(offset[2] * size_variance),
                     anchor.height * std::exp(offset[3] * size_variance));
}

}  // namespace dnnd::server
