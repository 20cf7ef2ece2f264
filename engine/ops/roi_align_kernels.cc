// A sample is a product of a weight by row and one by column. The average of a bin is therefore a
// sum over rows, whose columns lie together, and then one over columns; both weights are worked out
// once for a region and serve all channels.
#include "engine/ops/roi_align_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// One sample along an axis, between two neighbours of it.
template <typename T>
struct Sample {
  int64_t low;
  int64_t high;
  T low_weight;
  T high_weight;
};

// The samples of a region along one axis.
template <typename T>
struct AxisSamples {
  T count = 0;                     // of a bin, with those that lie outside of the map
  std::vector<Sample<T>> samples;  // within the map, by bin
  std::vector<int64_t> begins;     // by bin, and the end of the last
};

// Of `bins` bins from `begin` to `end` on an axis of `extent`. The order of operations is that of
// other engines, so that samples fall on the same side of an edge.
template <typename T>
void TakeSamples(const RoiAlignForm& form, T begin, T end, int64_t extent, int64_t bins,
                 AxisSamples<T>& axis) {
  axis.samples.clear();
  axis.begins.assign(bins + 1, 0);
  const T length = form.half_pixel ? end - begin : std::max(end - begin, T{1});
  const T bin = length / static_cast<T>(bins);
  const T wanted = form.samples > 0 ? static_cast<T>(form.samples) : std::ceil(bin);
  // Also false for NaN.
  const bool some = extent > 0 && wanted >= 1 && wanted <= static_cast<T>(kMaxRoiSamples);
  const int64_t count = some ? static_cast<int64_t>(wanted) : 0;
  axis.count = static_cast<T>(count);
  for (int64_t b = 0; b < bins; ++b) {
    for (int64_t i = 0; i < count; ++i) {
      T at = begin + static_cast<T>(b) * bin +
             (static_cast<T>(i) + T{0.5}) * bin / static_cast<T>(count);
      if (!(at >= -1 && at <= static_cast<T>(extent))) {
        continue;
      }
      at = std::clamp(at, T{0}, static_cast<T>(extent - 1));
      const int64_t low = static_cast<int64_t>(at);
      const T high_weight = at - static_cast<T>(low);
      axis.samples.push_back({low, std::min(low + 1, extent - 1), 1 - high_weight, high_weight});
    }
    axis.begins[b + 1] = static_cast<int64_t>(axis.samples.size());
  }
}

// The sums of the samples' weights: of bin b for the positions [first, first + count).
template <typename T>
struct AxisWeights {
  struct Span {
    int64_t first;
    int64_t count;
    int64_t offset;  // of its weights
  };
  std::vector<Span> spans;  // by bin
  std::vector<T> weights;
};

template <typename T>
void SumWeights(const AxisSamples<T>& axis, AxisWeights<T>& sums) {
  sums.spans.clear();
  sums.weights.clear();
  for (size_t b = 0; b + 1 < axis.begins.size(); ++b) {
    typename AxisWeights<T>::Span span = {0, 0, static_cast<int64_t>(sums.weights.size())};
    if (axis.begins[b] < axis.begins[b + 1]) {  // samples come in order
      span.first = axis.samples[axis.begins[b]].low;
      span.count = axis.samples[axis.begins[b + 1] - 1].high + 1 - span.first;
    }
    sums.weights.resize(span.offset + span.count, T{0});
    for (int64_t i = axis.begins[b]; i < axis.begins[b + 1]; ++i) {
      const Sample<T>& sample = axis.samples[i];
      sums.weights[span.offset + sample.low - span.first] += sample.low_weight;
      sums.weights[span.offset + sample.high - span.first] += sample.high_weight;
    }
    sums.spans.push_back(span);
  }
}

// Aligns one region after the other with the same memory.
template <typename T>
class Aligner {
 public:
  // `map` [channels,height,width] of one picture at a time; results are [channels,rows,columns].
  Aligner(const RoiAlignForm& form, const Shape& map, const Shape& output)
      : form_(form),
        channels_(map[1]),
        height_(map[2]),
        width_(map[3]),
        rows_(output[2]),
        columns_(output[3]),
        line_(width_) {}

  // `region`: x and y of two opposite corners.
  void Run(const T* map, const T* region, T* target) {
    const T scale = form_.scale;
    const T offset = form_.half_pixel ? T{0.5} : T{0};
    TakeSamples(form_, region[0] * scale - offset, region[2] * scale - offset, width_, columns_,
                x_samples_);
    TakeSamples(form_, region[1] * scale - offset, region[3] * scale - offset, height_, rows_,
                y_samples_);
    if (form_.average) {
      SumWeights(x_samples_, x_);
      SumWeights(y_samples_, y_);
      Average(map, target);
    } else {
      for (int64_t channel = 0; channel < channels_; ++channel) {
        Largest(map + channel * height_ * width_, target + channel * rows_ * columns_);
      }
    }
  }

 private:
  // The columns that any bin reads.
  typename AxisWeights<T>::Span Columns() const {
    int64_t begin = width_;
    int64_t end = 0;
    for (const auto& span : x_.spans) {
      begin = span.count > 0 ? std::min(begin, span.first) : begin;
      end = std::max(end, span.first + span.count);
    }
    return {begin, std::max<int64_t>(end - begin, 0), 0};
  }

  void Average(const T* map, T* target) {
    const T samples = std::max(x_samples_.count * y_samples_.count, T{1});
    const auto columns = Columns();
    const auto* x_spans = x_.spans.data();
    const auto* y_spans = y_.spans.data();
    const T* x_weights = x_.weights.data();
    const T* y_weights = y_.weights.data();
    T* line = line_.data();
    // Copies, which the loops need not read again after every store.
    const int64_t channels = channels_;
    const int64_t plane = height_ * width_;
    const int64_t stride = width_;
    const int64_t num_rows = rows_;
    const int64_t num_columns = columns_;
    Vectorized([=]() DNND_VECTOR_BODY {
      T* result = target;
      for (int64_t channel = 0; channel < channels; ++channel) {
        for (int64_t row = 0; row < num_rows; ++row) {
          std::fill_n(line, columns.count, T{0});
          for (int64_t i = 0; i < y_spans[row].count; ++i) {
            const T weight = y_weights[y_spans[row].offset + i];
            const T* from =
                map + channel * plane + (y_spans[row].first + i) * stride + columns.first;
            for (int64_t x = 0; x < columns.count; ++x) {
              line[x] += weight * from[x];
            }
          }
          for (int64_t column = 0; column < num_columns; ++column) {
            const auto& span = x_spans[column];
            T sum = 0;
            for (int64_t i = 0; i < span.count; ++i) {
              sum += x_weights[span.offset + i] * line[span.first - columns.first + i];
            }
            *result++ = sum / samples;
          }
        }
      }
    });
  }

  // As the specification's own implementation and other engines have it: the largest of the four
  // neighbours of any sample, each times its weight. A sample outside of the map is zero.
  void Largest(const T* plane, T* target) const {
    const T samples = x_samples_.count * y_samples_.count;
    for (int64_t row = 0; row < rows_; ++row) {
      const int64_t y_begin = y_samples_.begins[row];
      const int64_t y_end = y_samples_.begins[row + 1];
      for (int64_t column = 0; column < columns_; ++column) {
        const int64_t x_begin = x_samples_.begins[column];
        const int64_t x_end = x_samples_.begins[column + 1];
        const int64_t within = (y_end - y_begin) * (x_end - x_begin);
        T largest = static_cast<T>(within) < samples || within == 0
                        ? T{0}
                        : std::numeric_limits<T>::lowest();
        for (int64_t y = y_begin; y < y_end; ++y) {
          for (int64_t x = x_begin; x < x_end; ++x) {
            largest = std::max(
                largest, LargestNeighbour(plane, y_samples_.samples[y], x_samples_.samples[x]));
          }
        }
        target[row * columns_ + column] = largest;
      }
    }
  }

  T LargestNeighbour(const T* plane, const Sample<T>& y, const Sample<T>& x) const {
    const T* low = plane + y.low * width_;
    const T* high = plane + y.high * width_;
    return std::max(std::max(y.low_weight * x.low_weight * low[x.low],
                             y.low_weight * x.high_weight * low[x.high]),
                    std::max(y.high_weight * x.low_weight * high[x.low],
                             y.high_weight * x.high_weight * high[x.high]));
  }

  const RoiAlignForm form_;
  const int64_t channels_;
  const int64_t height_;
  const int64_t width_;
  const int64_t rows_;
  const int64_t columns_;
  AxisSamples<T> x_samples_;
  AxisSamples<T> y_samples_;
  AxisWeights<T> x_;
  AxisWeights<T> y_;
  std::vector<T> line_;  // the columns of a row of bins
};

}  // namespace

template <typename T>
void AlignRegions(const RoiAlignForm& form, const Shape& map_shape, const T* maps, const T* regions,
                  absl::Span<const int64_t> pictures, const Shape& target_shape, T* target) {
  const int64_t map = map_shape.Product(1, 4);
  const int64_t size = target_shape.Product(1, 4);
  const int64_t grain = kElementsAThread / std::max<int64_t>(size, 1) + 1;
  ParallelFor(target_shape[0], grain, [&](int64_t begin, int64_t end) {
    Aligner<T> aligner(form, map_shape, target_shape);
    for (int64_t i = begin; i < end; ++i) {
      aligner.Run(maps + pictures[i] * map, regions + i * 4, target + i * size);
    }
  });
}

template void AlignRegions(const RoiAlignForm& form, const Shape& map_shape, const float* maps,
                           const float* regions, absl::Span<const int64_t> pictures,
                           const Shape& target_shape, float* target);
template void AlignRegions(const RoiAlignForm& form, const Shape& map_shape, const double* maps,
                           const double* regions, absl::Span<const int64_t> pictures,
                           const Shape& target_shape, double* target);

}  // namespace dnnd::engine
