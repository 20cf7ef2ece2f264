#include "client/commands/perception.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/api/model_spec.h"
#include "client/commands/answers.h"
#include "client/commands/detections.h"
#include "client/commands/segmentation.h"
#include "client/draw/palette.h"
#include "client/output/category.h"

namespace dnnd::client {

using dnnd::v1::Category;
using dnnd::v1::PerceiveResponse;
using dnnd::v1::Perception;
using dnnd::v1::SegmentOptions;

void PrintPerception(Console& console, const PerceiveResponse& reply, const std::string& indent) {
  const std::string deeper = indent + "  ";
  for (const Perception& perception : reply.results()) {
    console.out << indent << Styled(console, Style::kBold, ModelSpecText(perception.model()))
                << '\n';
    switch (perception.result_case()) {
      case Perception::kClassification:
        PrintAnswer(console, perception.classification(), deeper);
        break;
      case Perception::kDetections:
        PrintAnswer(console, perception.detections(), deeper);
        break;
      case Perception::kSegmentation:
        PrintAnswer(console, perception.segmentation(), deeper);
        break;
      case Perception::RESULT_NOT_SET:
        break;
    }
  }
}

std::string ModelsText(const PerceiveResponse& reply) {
  return absl::StrJoin(reply.results(), ", ", [](std::string* text, const Perception& perception) {
    absl::StrAppend(text, ModelSpecText(perception.model()));
  });
}

absl::StatusOr<Picture> DrawPerception(Picture picture, const PerceiveResponse& reply) {
  // Models number the same classes differently: here a class is its name.
  std::map<std::string, int> numbers;
  const auto color_of = [&numbers](const Category& category) {
    const int next = static_cast<int>(numbers.size());
    return ClassColor(numbers.emplace(LabelText(category), next).first->second);
  };
  std::vector<LegendEntry> legend;
  for (const Perception& perception : reply.results()) {
    if (perception.has_segmentation()) {
      const dnnd::v1::Segmentation& result = perception.segmentation();
      if (absl::Status drawn = DrawSegmentation(picture, result, SegmentOptions::PNG, color_of);
          !drawn.ok()) {
        return drawn;
      }
      const std::vector<LegendEntry> entries = LegendOf(result, color_of);
      legend.insert(legend.end(), entries.begin(), entries.end());
    } else if (perception.classification().categories_size() > 0) {
      const Category& best = perception.classification().categories(0);
      legend.push_back({std::nullopt, absl::StrCat(LabelText(best), " ", ScoreText(best.score()))});
    }
  }
  for (const Perception& perception : reply.results()) {
    if (!perception.has_detections()) continue;
    absl::Status drawn = DrawDetections(picture, perception.detections(), color_of);
    if (!drawn.ok()) return drawn;
  }
  return WithLegend(std::move(picture), legend);
}

}  // namespace dnnd::client
