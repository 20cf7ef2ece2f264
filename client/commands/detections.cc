#include "client/commands/detections.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/draw/overlay.h"
#include "client/draw/palette.h"
#include "client/output/category.h"

namespace dnnd::client {

void DrawDetections(Picture& picture, const dnnd::v1::Detections& result) {
  std::vector<LabelledBox> boxes;
  for (const dnnd::v1::Detection& detection : result.detections()) {
    const dnnd::v1::Box& box = detection.box();
    LabelledBox drawn{{box.x_min(), box.y_min()}, {box.x_max(), box.y_max()}};
    drawn.color = ClassColor(detection.category().index());
    drawn.label =
        absl::StrCat(LabelText(detection.category()), " ", ScoreText(detection.category().score()));
    for (const dnnd::v1::Keypoint& point : detection.keypoints()) {
      drawn.landmarks.push_back({point.x(), point.y()});
    }
    boxes.push_back(std::move(drawn));
  }
  DrawBoxes(picture, boxes);
}

}  // namespace dnnd::client
