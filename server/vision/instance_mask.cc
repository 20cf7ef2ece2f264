#include "server/vision/instance_mask.h"

#include <algorithm>
#include <cmath>

#include "engine/base/status.h"
#include "server/vision/mask.h"
#include "server/vision/vector_clones.h"

namespace dnnd::server {

namespace {

constexpr uint8_t kPresent = 1;
// A grey PNG file is looked at by people, too.
constexpr uint8_t kWhite = 255;

// A range of cells or pixels.
struct Range {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
};

// The pixels whose middles lie in [low, high).
Range PixelsIn(float low, float high) {
  const auto begin = static_cast<int>(std::ceil(low - 0.5f));
  return {begin, std::max(begin, static_cast<int>(std::ceil(high - 0.5f)))};
}

// The cells that pixels in [low, high) are interpolated from: one more on each side. Never empty.
Range CellsFor(float low, float high, int64_t cells, double input) {
  const double scale = static_cast<double>(cells) / input;
  const auto last = static_cast<double>(cells) - 1;
  const double begin = std::clamp(std::floor(low * scale) - 1, 0.0, last);
  const double end = std::clamp(std::ceil(high * scale) + 1, begin + 1, last + 1);
  return {static_cast<int>(begin), static_cast<int>(end)};
}

DNND_VECTOR_CLONES void AddScaled(const float* values, float factor, int count, float* sums) {
  for (int i = 0; i < count; ++i) {
    sums[i] += values[i] * factor;
  }
}

}  // namespace

InstanceScores CombinePrototypes(const engine::Shape& shape, absl::Span<const float> prototypes,
                                 absl::Span<const float> coefficients, InputSize input,
                                 const Box& box) {
  const int64_t rows = shape[1];
  const int64_t columns = shape[2];
  const Range down = CellsFor(box.y_min, box.y_max, rows, input.height);
  const Range across = CellsFor(box.x_min, box.x_max, columns, input.width);
  InstanceScores scores;
  scores.height = down.size();
  scores.width = across.size();
  scores.scale = ScoreScale::kLogits;
  const auto to_x = [&](int cell) { return static_cast<float>(cell * input.width / columns); };
  const auto to_y = [&](int cell) { return static_cast<float>(cell * input.height / rows); };
  scores.covers = {to_x(across.begin), to_y(down.begin), to_x(across.end), to_y(down.end)};
  scores.values.assign(int64_t{scores.height} * scores.width, 0.0f);
  for (size_t k = 0; k < coefficients.size(); ++k) {
    const float* plane = prototypes.data() + k * rows * columns;
    for (int y = 0; y < scores.height; ++y) {
      AddScaled(plane + (down.begin + y) * columns + across.begin, coefficients[k], scores.width,
                scores.values.data() + int64_t{y} * scores.width);
    }
  }
  return scores;
}

int64_t CountMaskPixels(const Box& box) {
  return int64_t{PixelsIn(box.x_min, box.x_max).size()} * PixelsIn(box.y_min, box.y_max).size();
}

absl::StatusOr<InstanceMask> MakeInstanceMask(const InstanceScores& scores, const Box& box,
                                              const Geometry& geometry, InstanceMaskFormat format) {
  const Range across = PixelsIn(box.x_min, box.x_max);
  const Range down = PixelsIn(box.y_min, box.y_max);
  InstanceMask result{across.begin, down.begin, across.size(), down.size()};
  Mask mask;
  if (result.width > 0 && result.height > 0) {
    // The box as a picture of its own, and what the scores cover as an input of its own.
    const Geometry part = {result.width,
                           result.height,
                           geometry.scale_x,
                           geometry.scale_y,
                           geometry.ToInputX(across.begin) - scores.covers.x_min,
                           geometry.ToInputY(down.begin) - scores.covers.y_min};
    ScoreMap map{scores.values, 1, scores.height, scores.width};
    map.kind = ScoreKind::kForeground;
    map.scale = scores.scale;
    mask = MakeMask(
        map, part,
        {scores.covers.x_max - scores.covers.x_min, scores.covers.y_max - scores.covers.y_min}, {},
        nullptr);
  }
  result.pixels = std::count(mask.values.begin(), mask.values.end(), kPresent);
  if (format == InstanceMaskFormat::kRunLengths) {
    result.run_lengths = EncodeRunLengths(
        mask, kPresent, {across.begin, down.begin, geometry.source_width, geometry.source_height});
  } else if (!mask.values.empty()) {
    std::replace(mask.values.begin(), mask.values.end(), kPresent, kWhite);
    DNND_ASSIGN_OR_RETURN(result.png, EncodePng(mask, false));
  }
  return result;
}

}  // namespace dnnd::server
