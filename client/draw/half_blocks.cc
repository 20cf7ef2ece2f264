#include "client/draw/half_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

// The mean of the columns [left, right) of the rows [top, bottom).
Rgb Mean(const Picture& picture, int left, int top, int right, int bottom) {
  std::array<int64_t, Picture::kChannels> sums = {};
  for (int y = top; y < bottom; ++y) {
    const uint8_t* row = picture.row(y);
    for (int i = left * Picture::kChannels; i < right * Picture::kChannels; ++i) {
      sums[i % Picture::kChannels] += row[i];
    }
  }
  const int64_t count = int64_t{right - left} * (bottom - top);
  const auto mean = [&](int c) { return static_cast<uint8_t>((sums[c] + count / 2) / count); };
  return {mean(0), mean(1), mean(2)};
}

// Sets a colour unless it is set already: most neighbours in a picture are alike.
void SetColor(absl::string_view kind, Rgb color, std::optional<Rgb>& current, std::string& text) {
  if (current == color) return;
  current = color;
  absl::StrAppend(&text, "\x1b[", kind, ";2;", color.red, ";", color.green, ";", color.blue, "m");
}

std::string Line(const Picture& picture, int y) {
  constexpr absl::string_view kInk = "38", kPaper = "48";
  std::string line;
  std::optional<Rgb> ink, paper;
  for (int x = 0; x < picture.width(); ++x) {
    SetColor(kInk, picture.at(x, y), ink, line);
    // An odd picture ends in the middle of a line.
    if (y + 1 < picture.height()) SetColor(kPaper, picture.at(x, y + 1), paper, line);
    absl::StrAppend(&line, "▀");
  }
  return absl::StrCat(line, "\x1b[0m\n");
}

}  // namespace

absl::StatusOr<Picture> Shrink(const Picture& picture, int width, int height) {
  absl::StatusOr<Picture> small = Picture::Create(width, height);
  if (!small.ok()) return small;
  const auto column = [&](int x) { return static_cast<int>(int64_t{x} * picture.width() / width); };
  const auto row = [&](int y) { return static_cast<int>(int64_t{y} * picture.height() / height); };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Rgb mean = Mean(picture, column(x), row(y), column(x + 1), row(y + 1));
      small->Blend(x, y, mean, 255);
    }
  }
  return small;
}

absl::StatusOr<std::string> HalfBlocks(const Picture& picture, int columns, int rows) {
  const double scale =
      std::min({1.0, 1.0 * columns / picture.width(), 2.0 * rows / picture.height()});
  const auto scaled = [scale](int side) {
    return std::clamp(static_cast<int>(std::lround(side * scale)), 1, side);
  };
  absl::StatusOr<Picture> small =
      Shrink(picture, scaled(picture.width()), scaled(picture.height()));
  if (!small.ok()) return small.status();
  std::string text;
  for (int y = 0; y < small->height(); y += 2) absl::StrAppend(&text, Line(*small, y));
  return text;
}

}  // namespace dnnd::client
