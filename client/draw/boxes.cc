#include <algorithm>
#include <cmath>

#include "client/draw/overlay.h"
#include "client/draw/palette.h"
#include "client/draw/shapes.h"

namespace dnnd::client {
namespace {

// Whole pixels, from a bit outside of the picture to a bit outside of it: sums cannot overflow.
int ToPixel(double place) {
  if (std::isnan(place)) return 0;
  return static_cast<int>(
      std::lround(std::clamp<double>(place, -kMaxSidePixels, 2 * kMaxSidePixels)));
}

// At least one pixel, for things that are smaller than one.
Rect ToRect(const LabelledBox& box) {
  const int left = ToPixel(box.top_left.x), top = ToPixel(box.top_left.y);
  return {left, top, std::max(ToPixel(box.bottom_right.x), left + 1),
          std::max(ToPixel(box.bottom_right.y), top + 1)};
}

void DrawLandmarks(Picture& picture, const std::vector<Point>& landmarks, int scale) {
  for (size_t i = 0; i < landmarks.size(); ++i) {
    if (std::isnan(landmarks[i].x) || std::isnan(landmarks[i].y)) continue;
    // 3.0 to 4.0 is pixel 3.
    const int x = ToPixel(std::floor(landmarks[i].x)), y = ToPixel(std::floor(landmarks[i].y));
    FillDisc(picture, x, y, scale + 1, Rgb{0, 0, 0});
    FillDisc(picture, x, y, scale, ClassColor(static_cast<int>(i)));
  }
}

void DrawLabel(Picture& picture, const Rect& box, const LabelledBox& labelled, int scale) {
  const int margin = scale;
  const int width = TextWidth(labelled.label, scale) + 2 * margin;
  const int height = TextHeight(scale) + margin;
  // Above the box, else inside of it; never beyond the right edge while there is room on the left.
  const int top = box.top >= height ? box.top - height : std::max(box.top, 0);
  const int left = std::max(0, std::min(box.left, picture.width() - width));
  FillRect(picture, {left, top, left + width, top + height}, labelled.color);
  DrawText(picture, left + margin, top + margin, labelled.label, scale, TextColor(labelled.color));
}

}  // namespace

void DrawBoxes(Picture& picture, const std::vector<LabelledBox>& boxes) {
  const int scale = TextScale(picture);
  const int thickness = scale + 1;
  for (auto box = boxes.rbegin(); box != boxes.rend(); ++box) {
    StrokeRect(picture, ToRect(*box), thickness, box->color);
    DrawLandmarks(picture, box->landmarks, scale);
  }
  // No outline crosses a label.
  for (auto box = boxes.rbegin(); box != boxes.rend(); ++box) {
    if (!box->label.empty()) DrawLabel(picture, ToRect(*box), *box, scale);
  }
}

}  // namespace dnnd::client
