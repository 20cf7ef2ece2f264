#include "client/commands/answers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/output/category.h"
#include "client/output/table.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Category;
using dnnd::v1::ClassArea;
using dnnd::v1::Detection;

constexpr Table::Align kRight = Table::Align::kRight;

std::string LandmarksText(const Detection& detection) {
  std::string text;
  for (const dnnd::v1::Keypoint& point : detection.keypoints()) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    absl::StrFormat("%.1f,%.1f", point.x(), point.y()));
  }
  return text;
}

}  // namespace

void PrintAnswer(Console& console, const dnnd::v1::Classification& result,
                 const std::string& indent) {
  Table table({{""}, {""}, {"", kRight}});
  for (const Category& category : result.categories()) {
    table.AddRow(
        {LabelText(category), ScoreBar(console, category.score()), ScoreText(category.score())});
  }
  table.Print(console.out, indent);
}

void PrintAnswer(Console& console, const dnnd::v1::Detections& result, const std::string& indent) {
  if (result.detections().empty()) {
    console.out << indent << Styled(console, Style::kDim, "nothing found") << '\n';
    return;
  }
  const bool landmarks =
      std::any_of(result.detections().begin(), result.detections().end(),
                  [](const Detection& detection) { return detection.keypoints_size() > 0; });
  Table table({{"LABEL"},
               {"SCORE", kRight},
               {"LEFT", kRight},
               {"TOP", kRight},
               {"RIGHT", kRight},
               {"BOTTOM", kRight},
               {landmarks ? "LANDMARKS" : ""}});
  for (const Detection& detection : result.detections()) {
    const dnnd::v1::Box& box = detection.box();
    const auto pixels = [](float value) { return absl::StrFormat("%.1f", value); };
    table.AddRow({LabelText(detection.category()), ScoreText(detection.category().score()),
                  pixels(box.x_min()), pixels(box.y_min()), pixels(box.x_max()),
                  pixels(box.y_max()), LandmarksText(detection)});
  }
  table.Print(console.out, indent);
}

void PrintAnswer(Console& console, const dnnd::v1::Segmentation& result,
                 const std::string& indent) {
  Table table({{"LABEL"}, {""}, {"SHARE", kRight}, {"PIXELS", kRight}});
  for (const ClassArea& area : result.areas()) {
    const float share = area.category().score();
    table.AddRow({LabelText(area.category()), ScoreBar(console, share), ScoreText(share),
                  absl::StrCat(area.pixels())});
  }
  table.Print(console.out, indent);
}

}  // namespace dnnd::client
