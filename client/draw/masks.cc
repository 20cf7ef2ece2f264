#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/draw/overlay.h"
#include "client/draw/shapes.h"

namespace dnnd::client {
namespace {

constexpr int kHalf = 128;
constexpr Rgb kLegendPaper = {24, 24, 24};
constexpr Rgb kLegendInk = {240, 240, 240};

absl::Status CheckSize(const Picture& picture, const Mask& mask) {
  if (mask.width == picture.width() && mask.height == picture.height()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("got a mask of ", mask.width, " x ", mask.height,
                                                 " pixels for a picture of ", picture.width(),
                                                 " x ", picture.height()));
}

// Whether a neighbour has another value.
bool IsOutline(const Mask& mask, int x, int y) {
  const uint8_t value = mask.at(x, y);
  return (x > 0 && mask.at(x - 1, y) != value) ||
         (x + 1 < mask.width && mask.at(x + 1, y) != value) ||
         (y > 0 && mask.at(x, y - 1) != value) ||
         (y + 1 < mask.height && mask.at(x, y + 1) != value);
}

// Where the entries of a legend stand: as many in a row as fit.
struct LegendLayout {
  int scale;
  int width = 0;
  int height = 0;
  std::vector<std::pair<int, int>> places;

  int margin() const { return 3 * scale; }
  int line() const { return TextHeight(scale); }
  int EntryWidth(const LegendEntry& entry) const {
    return line() + margin() + TextWidth(entry.label, scale);
  }
};

LegendLayout LayOut(const Picture& picture, const std::vector<LegendEntry>& entries) {
  LegendLayout layout{TextScale(picture)};
  const int margin = layout.margin();
  layout.width = picture.width();
  for (const LegendEntry& entry : entries) {
    layout.width = std::max(layout.width, layout.EntryWidth(entry) + 2 * margin);
  }
  int x = margin, y = picture.height() + margin;
  for (const LegendEntry& entry : entries) {
    const int width = layout.EntryWidth(entry);
    if (x > margin && x + width + margin > layout.width) {
      x = margin;
      y += layout.line() + margin;
    }
    layout.places.emplace_back(x, y);
    x += width + 3 * margin;
  }
  layout.height = y + layout.line() + margin;
  return layout;
}

}  // namespace

absl::Status DrawClasses(Picture& picture, const Mask& mask, const MaskColors& colors) {
  if (absl::Status status = CheckSize(picture, mask); !status.ok()) return status;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const std::optional<Rgb>& color = colors[mask.at(x, y)];
      if (color.has_value()) picture.Blend(x, y, *color, IsOutline(mask, x, y) ? kOpaque : kHalf);
    }
  }
  return absl::OkStatus();
}

absl::Status DrawOpacities(Picture& picture, const Mask& mask, Rgb color) {
  if (absl::Status status = CheckSize(picture, mask); !status.ok()) return status;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      picture.Blend(x, y, color, mask.at(x, y) * kHalf / kOpaque);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Picture> WithLegend(Picture picture, const std::vector<LegendEntry>& entries) {
  if (entries.empty()) return picture;
  const LegendLayout layout = LayOut(picture, entries);
  absl::StatusOr<Picture> whole = Picture::Create(layout.width, layout.height, kLegendPaper);
  if (!whole.ok()) return whole;
  for (int y = 0; y < picture.height(); ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(), whole->mutable_row(y));
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto [x, y] = layout.places[i];
    // As tall as a capital.
    const int swatch = layout.line() - 2 * layout.scale;
    int text = x;
    if (entries[i].color.has_value()) {
      FillRect(*whole, {x, y, x + layout.line(), y + swatch}, *entries[i].color);
      text += layout.line() + layout.margin();
    }
    DrawText(*whole, text, y, entries[i].label, layout.scale, kLegendInk);
  }
  return whole;
}

}  // namespace dnnd::client
