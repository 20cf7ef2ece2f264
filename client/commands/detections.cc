#include "client/commands/detections.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/draw/overlay.h"
#include "client/output/category.h"

namespace dnnd::client {

namespace {

using dnnd::v1::Detection;

// The best on top.
absl::Status DrawMasks(Picture& picture, const dnnd::v1::Detections& result, ColorOf color_of) {
  for (int i = result.detections_size() - 1; i >= 0; --i) {
    const Detection& detection = result.detections(i);
    if (detection.mask().run_lengths().empty()) continue;
    absl::StatusOr<Mask> mask = EmptyMask(picture.width(), picture.height());
    if (!mask.ok()) return mask.status();
    absl::Status drawn = PaintRunLengths(detection.mask().run_lengths(), 1, *mask);
    if (!drawn.ok()) return drawn;
    MaskColors colors;
    colors[1] = color_of(detection.category());
    drawn = DrawClasses(picture, *mask, colors);
    if (!drawn.ok()) return drawn;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DrawDetections(Picture& picture, const dnnd::v1::Detections& result,
                            ColorOf color_of) {
  absl::Status masks = DrawMasks(picture, result, color_of);
  if (!masks.ok()) return masks;
  std::vector<LabelledBox> boxes;
  for (const Detection& detection : result.detections()) {
    const dnnd::v1::Box& box = detection.box();
    LabelledBox drawn{{box.x_min(), box.y_min()}, {box.x_max(), box.y_max()}};
    drawn.color = color_of(detection.category());
    drawn.label =
        absl::StrCat(LabelText(detection.category()), " ", ScoreText(detection.category().score()));
    for (const dnnd::v1::Keypoint& point : detection.keypoints()) {
      drawn.landmarks.push_back({point.x(), point.y()});
    }
    boxes.push_back(std::move(drawn));
  }
  DrawBoxes(picture, boxes);
  return absl::OkStatus();
}

}  // namespace dnnd::client
