#include "server/vision/segment.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace dnnd::server {
namespace {

// Between which two cells of an axis a pixel lies: value = cell[low] + part * (cell[high] -
// cell[low]).
struct Tap {
  int low = 0;
  int high = 0;
  float part = 0;
};

// For each pixel of the picture its place on an axis of `cells`; half-pixel centres on both sides.
std::vector<Tap> MakeTaps(int pixels, int cells, double scale, double offset, double input_extent,
                          MaskResize resize) {
  std::vector<Tap> taps(pixels);
  const double cells_per_input = cells / input_extent;
  for (int i = 0; i < pixels; ++i) {
    const double place = ((i + 0.5) * scale + offset) * cells_per_input;
    const double last = cells - 1;
    if (resize == MaskResize::kNearest) {
      const int cell = static_cast<int>(std::min(std::max(std::floor(place), 0.0), last));
      taps[i] = {cell, cell, 0};
      continue;
    }
    const double centre = std::min(std::max(place - 0.5, 0.0), last);
    const int low = static_cast<int>(centre);
    const auto part = static_cast<float>(centre - low);
    taps[i] = {low, part > 0 ? low + 1 : low, part};
  }
  return taps;
}

float Logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }

uint8_t ToByte(float share) {
  return static_cast<uint8_t>(std::lround(255.0f * std::min(std::max(share, 0.0f), 1.0f)));
}

// Makes one row of pixels after the other.
class RowMaker {
 public:
  RowMaker(const ScoreMap& map, std::vector<Tap> across, const SegmentOptions& options)
      : map_(map),
        across_(std::move(across)),
        options_(options),
        cells_(int64_t{map.classes} * map.width),
        best_(across_.size()),
        sum_(across_.size()) {}

  // `confidence` may be null.
  void Make(const Tap& down, uint8_t* values, uint8_t* confidence) {
    InterpolateDown(down);
    switch (map_.kind) {
      case ScoreKind::kClassScores:
        return ChooseBest(values, confidence);
      case ScoreKind::kForeground:
        return Compare(values, confidence);
      case ScoreKind::kOpacity:
        return ForEach([&](size_t x, float value) {
          values[x] = ToByte(value);
          Set(confidence, x, 1);
        });
      case ScoreKind::kClassIndex:
        return ForEach([&](size_t x, float value) {
          values[x] = static_cast<uint8_t>(std::min(std::max(value, 0.0f), 255.0f));
          Set(confidence, x, 1);
        });
    }
  }

 private:
  static void Set(uint8_t* confidence, size_t x, float share) {
    if (confidence != nullptr) {
      confidence[x] = ToByte(share);
    }
  }

  // cells_[class][x], whatever the layout.
  void InterpolateDown(const Tap& down) {
    const bool planes = map_.layout == TensorLayout::kNchw;
    const int64_t column = planes ? 1 : map_.classes;
    for (int c = 0; c < map_.classes; ++c) {
      const int64_t first = planes ? int64_t{c} * map_.height * map_.width : c;
      const float* low = map_.values.data() + first + int64_t{down.low} * map_.width * column;
      const float* high = map_.values.data() + first + int64_t{down.high} * map_.width * column;
      float* cells = cells_.data() + int64_t{c} * map_.width;
      for (int64_t x = 0; x < map_.width; ++x) {
        cells[x] = low[x * column] + down.part * (high[x * column] - low[x * column]);
      }
    }
  }

  float Value(int c, const Tap& tap) const {
    const float* cells = cells_.data() + int64_t{c} * map_.width;
    return cells[tap.low] + tap.part * (cells[tap.high] - cells[tap.low]);
  }

  template <typename Use>
  void ForEach(const Use& use) const {
    for (size_t x = 0; x < across_.size(); ++x) {
      use(x, Value(0, across_[x]));
    }
  }

  // Of equal scores the first class; NaN never wins.
  void ChooseBest(uint8_t* values, uint8_t* confidence) {
    std::fill(values, values + across_.size(), uint8_t{0});
    std::fill(best_.begin(), best_.end(), -INFINITY);
    for (int c = 0; c < map_.classes; ++c) {
      for (size_t x = 0; x < across_.size(); ++x) {
        const float value = Value(c, across_[x]);
        if (value > best_[x]) {
          best_[x] = value;
          values[x] = static_cast<uint8_t>(c);
        }
      }
    }
    if (confidence == nullptr) {
      return;
    }
    if (map_.scale == ScoreScale::kLogits) {
      SoftmaxOfBest();
    }
    for (size_t x = 0; x < across_.size(); ++x) {
      Set(confidence, x, best_[x]);
    }
  }

  // best_ = exp(best) / Σ exp(value).
  void SoftmaxOfBest() {
    std::fill(sum_.begin(), sum_.end(), 0.0f);
    for (int c = 0; c < map_.classes; ++c) {
      for (size_t x = 0; x < across_.size(); ++x) {
        sum_[x] += std::exp(Value(c, across_[x]) - best_[x]);
      }
    }
    for (size_t x = 0; x < across_.size(); ++x) {
      best_[x] = 1.0f / sum_[x];
    }
  }

  void Compare(uint8_t* values, uint8_t* confidence) const {
    const bool logits = map_.scale == ScoreScale::kLogits;
    const auto threshold = static_cast<float>(options_.threshold);
    ForEach([&](size_t x, float value) {
      const float share = logits ? Logistic(value) : value;
      values[x] = share >= threshold ? 1 : 0;
      Set(confidence, x, values[x] == 1 ? share : 1 - share);
    });
  }

  const ScoreMap& map_;
  const std::vector<Tap> across_;
  const SegmentOptions options_;
  std::vector<float> cells_;
  std::vector<float> best_;
  std::vector<float> sum_;
};

}  // namespace

Mask MakeMask(const ScoreMap& map, const Geometry& geometry, InputSize input,
              const SegmentOptions& options, Mask* confidence) {
  const MaskResize resize =
      map.kind == ScoreKind::kClassIndex ? MaskResize::kNearest : options.resize;
  const auto pixels = static_cast<size_t>(int64_t{geometry.source_width} * geometry.source_height);
  Mask mask{geometry.source_width, geometry.source_height, std::vector<uint8_t>(pixels)};
  if (confidence != nullptr) {
    *confidence = {mask.width, mask.height, std::vector<uint8_t>(pixels)};
  }
  const std::vector<Tap> down =
      MakeTaps(mask.height, map.height, geometry.scale_y, geometry.offset_y, input.height, resize);
  RowMaker rows(
      map,
      MakeTaps(mask.width, map.width, geometry.scale_x, geometry.offset_x, input.width, resize),
      options);
  for (int y = 0; y < mask.height; ++y) {
    const int64_t first = int64_t{y} * mask.width;
    rows.Make(down[y], mask.values.data() + first,
              confidence == nullptr ? nullptr : confidence->values.data() + first);
  }
  return mask;
}

}  // namespace dnnd::server
