#include "client/commands/segmentation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/draw/overlay.h"
#include "client/draw/png.h"
#include "client/output/category.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Category;
using dnnd::v1::ClassArea;
using dnnd::v1::Segmentation;
using dnnd::v1::SegmentOptions;

constexpr int kValues = 256;

bool IsValue(int index) { return index >= 0 && index < kValues; }

absl::StatusOr<Mask> FromRunLengths(const Segmentation& result) {
  absl::StatusOr<Mask> mask = EmptyMask(result.width(), result.height());
  if (!mask.ok()) return mask;
  for (const ClassArea& area : result.areas()) {
    const int index = area.category().index();
    if (!IsValue(index)) {
      return absl::InvalidArgumentError(absl::StrCat("class ", index, " of a mask of bytes"));
    }
    const absl::Status painted =
        PaintRunLengths(area.run_lengths(), static_cast<uint8_t>(index), *mask);
    if (!painted.ok()) return painted;
  }
  return mask;
}

absl::StatusOr<Mask> FromLabels(const Segmentation& result) {
  if (absl::Status size = CheckPictureSize(result.width(), result.height()); !size.ok())
    return size;
  const int64_t pixels = int64_t{result.width()} * result.height();
  if (static_cast<int64_t>(result.mask().size()) != pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("got a mask of ", result.mask().size(), " bytes, want ", pixels));
  }
  return Mask{result.width(), result.height(), result.mask()};
}

bool IsBackground(const Category& category) {
  const std::string label = absl::AsciiStrToLower(category.label());
  return category.index() == 0 && (label.empty() || label == "background" || label == "bg" ||
                                   label == "unlabeled" || label == "unlabelled");
}

// The areas that have a colour, at most one a value of the mask.
std::vector<const ClassArea*> ColoredAreas(const Segmentation& result) {
  std::vector<const ClassArea*> areas;
  std::array<bool, kValues> taken = {};
  for (const ClassArea& area : result.areas()) {
    const int index = area.category().index();
    if (!IsValue(index) || taken[index] || IsBackground(area.category())) continue;
    taken[index] = true;
    areas.push_back(&area);
  }
  return areas;
}

// A mask of classes names all its values; for one of opacities the foreground is the one area.
bool HasOpacities(const Mask& mask, const Segmentation& result) {
  std::array<bool, kValues> named = {};
  for (const ClassArea& area : result.areas()) {
    if (IsValue(area.category().index())) named[area.category().index()] = true;
  }
  return std::any_of(mask.values.begin(), mask.values.end(),
                     [&](char value) { return !named[static_cast<uint8_t>(value)]; });
}

absl::Status DrawMask(Picture& picture, const Mask& mask, const Segmentation& result,
                      const std::vector<const ClassArea*>& areas, ColorOf color_of) {
  if (HasOpacities(mask, result)) {
    Category foreground;
    foreground.set_index(1);
    return DrawOpacities(picture, mask,
                         color_of(areas.empty() ? foreground : areas[0]->category()));
  }
  MaskColors colors;
  for (const ClassArea* area : areas) {
    colors[area->category().index()] = color_of(area->category());
  }
  return DrawClasses(picture, mask, colors);
}

}  // namespace

absl::StatusOr<Mask> MaskOf(const Segmentation& result, MaskFormat format) {
  switch (format) {
    case SegmentOptions::RLE:
      return FromRunLengths(result);
    case SegmentOptions::LABELS:
      return FromLabels(result);
    default:
      return DecodePngMask(result.mask());
  }
}

absl::Status DrawSegmentation(Picture& picture, const Segmentation& result, MaskFormat format,
                              ColorOf color_of) {
  const absl::StatusOr<Mask> mask = MaskOf(result, format);
  if (!mask.ok()) return mask.status();
  return DrawMask(picture, *mask, result, ColoredAreas(result), color_of);
}

std::vector<LegendEntry> LegendOf(const Segmentation& result, ColorOf color_of) {
  std::vector<LegendEntry> legend;
  for (const ClassArea* area : ColoredAreas(result)) {
    legend.push_back(
        {color_of(area->category()),
         absl::StrCat(LabelText(area->category()), " ", ScoreText(area->category().score()))});
  }
  return legend;
}

std::string MaskFile(const Segmentation& result, MaskFormat format) {
  if (format != SegmentOptions::RLE) return result.mask();
  nlohmann::json areas = nlohmann::json::array();
  for (const ClassArea& area : result.areas()) {
    areas.push_back({{"class", area.category().index()},
                     {"label", area.category().label()},
                     {"size", {result.height(), result.width()}},
                     {"counts", area.run_lengths()}});
  }
  return absl::StrCat(areas.dump(), "\n");
}

std::string MaskFileEnding(MaskFormat format) {
  switch (format) {
    case SegmentOptions::RLE:
      return ".json";
    case SegmentOptions::LABELS:
      return ".bin";
    default:
      return ".png";
  }
}

}  // namespace dnnd::client
