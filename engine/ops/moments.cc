#include "engine/ops/moments.h"

#include <algorithm>

#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// Columns that accumulate side by side: four AVX-512 registers hide the latency of an addition.
constexpr int64_t kLanes = 64;
// Additions in float before a partial sum moves to a double.
constexpr int64_t kPartial = 128;

// Sums of differences from `pivot`, and of their squares, over `rows` rows.
template <typename Width>
DNND_VECTOR_BODY inline void AddRows(const float* x, int64_t rows, int64_t stride, Width width,
                                     const float* pivot, float* sums, float* squares) {
  for (int64_t row = 0; row < rows; ++row) {
    const float* in = x + row * stride;
    for (int64_t lane = 0; lane < width; ++lane) {
      const float difference = in[lane] - pivot[lane];
      sums[lane] += difference;
      squares[lane] += difference * difference;
    }
  }
}

// The moments of `width` <= kLanes columns over `rows` rows, `stride` apart. In one pass: sums of
// differences from the first row, which takes out most of a large mean.
void MomentsOfColumns(const float* x, int64_t rows, int64_t stride, int64_t width,
                      Moments* moments) {
  Vectorized([=]() DNND_VECTOR_BODY {
    float pivot[kLanes] = {};
    std::copy_n(x, width, pivot);
    double sums[kLanes] = {};
    double squares[kLanes] = {};
    for (int64_t first = 0; first < rows; first += kPartial) {
      float sum[kLanes] = {};
      float square[kLanes] = {};
      const int64_t count = std::min(rows - first, kPartial);
      if (width == kLanes) {
        AddRows(x + first * stride, count, stride, kLanes, pivot, sum, square);
      } else {
        AddRows(x + first * stride, count, stride, width, pivot, sum, square);
      }
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        sums[lane] += sum[lane];
        squares[lane] += square[lane];
      }
    }
    const double count = static_cast<double>(rows);
    for (int64_t lane = 0; lane < width; ++lane) {
      const double mean = sums[lane] / count;
      moments[lane] = {pivot[lane] + mean, std::max(squares[lane] / count - mean * mean, 0.0)};
    }
  });
}

// Few channels: several pixels are one row of columns.
void MomentsOfNarrowPixels(const float* x, int64_t pixels, int64_t channels, Moments* moments) {
  const int64_t group = kLanes / channels;
  const int64_t rows = pixels / group;
  const int64_t rest = pixels % group;
  Moments wide[kLanes];
  Moments narrow[kLanes];
  if (rows > 0) {
    MomentsOfColumns(x, rows, group * channels, group * channels, wide);
  }
  if (rest > 0) {
    MomentsOfColumns(x + rows * group * channels, rest, channels, channels, narrow);
  }
  for (int64_t channel = 0; channel < channels; ++channel) {
    MomentsJoin join;
    for (int64_t part = 0; part < group; ++part) {
      join.Add(wide[part * channels + channel], rows);
    }
    join.Add(narrow[channel], rest);
    moments[channel] = join.moments();
  }
}

}  // namespace

Moments MomentsOfLine(const float* x, int64_t count) {
  Moments moments;
  MomentsOfNarrowPixels(x, count, 1, &moments);
  return moments;
}

void MomentsOfPixels(const float* x, int64_t pixels, int64_t channels, Moments* moments) {
  if (channels <= kLanes / 2) {
    MomentsOfNarrowPixels(x, pixels, channels, moments);
    return;
  }
  for (int64_t first = 0; first < channels; first += kLanes) {
    MomentsOfColumns(x + first, pixels, channels, std::min(kLanes, channels - first),
                     moments + first);
  }
}

}  // namespace dnnd::engine
