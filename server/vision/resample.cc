#include "server/vision/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/aligned_buffer.h"
#include "engine/base/status.h"
#include "server/vision/vector_clones.h"

namespace dnnd::server {

namespace {

// Pillow's fixed point: 8 bits of pixel and 2 of headroom leave 22 of 32 for the weight.
constexpr int kWeightBits = 32 - 8 - 2;
constexpr int32_t kHalf = 1 << (kWeightBits - 1);

double Triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

uint8_t ToByte(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }

using Int32x4 = int32_t __attribute__((vector_size(16)));
using Uint8x4 = uint8_t __attribute__((vector_size(4)));

DNND_VECTOR_CLONES void ResampleRgbRow(const uint8_t* row, const AxisWeights& axis, uint8_t* out) {
  const int count = axis.count();
  for (int i = 0; i < count; ++i) {
    const AxisWeights::Window window = axis.window(i);
    const int32_t* weights = axis.weights(i);
    const uint8_t* pixel = row + int64_t{window.begin} * 3;
    Int32x4 sum = {kHalf, kHalf, kHalf, kHalf};
    for (int k = 0; k < window.count; ++k, pixel += 3) {
      Uint8x4 bytes;  // three channels, and a fourth byte that nobody looks at
      std::memcpy(&bytes, pixel, sizeof(bytes));
      sum += __builtin_convertvector(bytes, Int32x4) * weights[k];
    }
    out[3 * i + 0] = ToByte(sum[0]);
    out[3 * i + 1] = ToByte(sum[1]);
    out[3 * i + 2] = ToByte(sum[2]);
  }
}

DNND_VECTOR_CLONES void ResampleGrayRow(const uint8_t* row, const AxisWeights& axis, uint8_t* out) {
  const int count = axis.count();
  for (int i = 0; i < count; ++i) {
    const AxisWeights::Window window = axis.window(i);
    const int32_t* weights = axis.weights(i);
    int32_t sum = kHalf;
    for (int k = 0; k < window.count; ++k) {
      sum += row[window.begin + k] * weights[k];
    }
    out[i] = ToByte(sum);
  }
}

DNND_VECTOR_CLONES void AddWeighted(const uint8_t* row, int32_t weight, int bytes, int32_t* sums) {
  for (int i = 0; i < bytes; ++i) {
    sums[i] += row[i] * weight;
  }
}

DNND_VECTOR_CLONES void Finish(const int32_t* sums, int bytes, uint8_t* row) {
  for (int i = 0; i < bytes; ++i) {
    row[i] = ToByte(sums[i]);
  }
}

void ToGray(const uint8_t* rgb, int first, int last, uint8_t* gray) {
  for (int x = first; x < last; ++x) {
    gray[x] = static_cast<uint8_t>(
        (rgb[3 * x] * 19595 + rgb[3 * x + 1] * 38470 + rgb[3 * x + 2] * 7471 + 0x8000) >> 16);
  }
}

// The most wanted rows that one source row has a part in.
int RowsAtOnce(const AxisWeights& axis) {
  int most = 1;
  for (int last = 0, first = 0; last < axis.count(); ++last) {
    while (axis.window(first).begin + axis.window(first).count <= axis.window(last).begin) {
      ++first;
    }
    most = std::max(most, last - first + 1);
  }
  return most;
}

// Takes the source rows in order. Each is resized horizontally once and added, weighted, to the
// sums of all wanted rows that it has a part in; these wait in a ring. So the memory needed does
// not grow with the height of the picture, and no source row is read twice. Integer sums do not
// depend on their order: the result is Pillow's to the bit.
class Resampler {
 public:
  Resampler(const Image& image, const AxisWeights& x, const AxisWeights& y,
            ResampleChannels channels)
      : image_(image),
        x_(x),
        y_(y),
        gray_(channels == ResampleChannels::kGray),
        row_bytes_(x.count() * static_cast<int>(channels)),
        ring_(RowsAtOnce(y)) {}

  absl::Status Run(RowSink sink) {
    DNND_ASSIGN_OR_RETURN(sums_, engine::AlignedBuffer::Create(int64_t{ring_} * row_bytes_ *
                                                               int64_t{sizeof(int32_t)}));
    DNND_ASSIGN_OR_RETURN(line_, engine::AlignedBuffer::Create(row_bytes_));
    if (gray_) {
      DNND_ASSIGN_OR_RETURN(gray_row_, engine::AlignedBuffer::Create(image_.width()));
    }
    const AxisWeights::Window last = y_.window(y_.count() - 1);
    for (int source = y_.window(0).begin; source < last.begin + last.count; ++source) {
      Add(source, sink);
    }
    return absl::OkStatus();
  }

 private:
  int32_t* Sums(int wanted) {
    return reinterpret_cast<int32_t*>(sums_.data()) + int64_t{wanted % ring_} * row_bytes_;
  }

  void ResizeRow(int source) {
    const uint8_t* row = image_.row(source);
    if (!gray_) {
      ResampleRgbRow(row, x_, line_.data());
      return;
    }
    const AxisWeights::Window last = x_.window(x_.count() - 1);
    ToGray(row, x_.window(0).begin, last.begin + last.count, gray_row_.data());
    ResampleGrayRow(gray_row_.data(), x_, line_.data());
  }

  void Add(int source, RowSink sink) {
    while (opened_ < y_.count() && y_.window(opened_).begin <= source) {
      std::fill_n(Sums(opened_++), row_bytes_, kHalf);
    }
    if (finished_ == opened_) {
      return;
    }
    ResizeRow(source);
    for (int wanted = finished_; wanted < opened_; ++wanted) {
      const AxisWeights::Window window = y_.window(wanted);
      if (source < window.begin + window.count) {
        AddWeighted(line_.data(), y_.weights(wanted)[source - window.begin], row_bytes_,
                    Sums(wanted));
      }
    }
    while (finished_ < opened_ &&
           source + 1 >= y_.window(finished_).begin + y_.window(finished_).count) {
      Finish(Sums(finished_), row_bytes_, line_.data());
      sink(finished_++, line_.data());
    }
  }

  const Image& image_;
  const AxisWeights& x_;
  const AxisWeights& y_;
  const bool gray_;
  const int row_bytes_;
  const int ring_;
  engine::AlignedBuffer sums_;
  engine::AlignedBuffer line_;
  engine::AlignedBuffer gray_row_;
  int opened_ = 0;
  int finished_ = 0;
};

}  // namespace

AxisWeights::AxisWeights(const AxisResize& axis) : windows_(axis.count) {
  const double scale = static_cast<double>(axis.source) / static_cast<double>(axis.target);
  const double support = std::max(scale, 1.0);  // the triangle's half width, in source pixels
  stride_ = std::min(static_cast<int>(std::ceil(support)) * 2 + 1, axis.source);
  weights_.resize(static_cast<size_t>(axis.count) * stride_);
  for (int i = 0; i < axis.count; ++i) {
    Fill(axis, scale, support, i);
  }
}

void AxisWeights::Fill(const AxisResize& axis, double scale, double support, int i) {
  const double center = (static_cast<double>(axis.begin + i) + 0.5) * scale;
  const int first = std::max(static_cast<int>(center - support + 0.5), 0);
  const int last = std::min(static_cast<int>(center + support + 0.5), axis.source);
  const double inverse_support = 1.0 / support;
  double total = 0.0;
  for (int k = first; k < last; ++k) {
    total += Triangle((k - center + 0.5) * inverse_support);
  }
  int32_t* weights = weights_.data() + int64_t{i} * stride_;
  int count = 0;
  for (int k = first; k < last; ++k) {
    const double weight = Triangle((k - center + 0.5) * inverse_support) / total;
    weights[k - first] = static_cast<int32_t>(0.5 + weight * (1 << kWeightBits));
    // A zero at the end is left out: where nothing changes size, each pixel is a copy of one.
    count = weights[k - first] != 0 ? k - first + 1 : count;
  }
  windows_[i] = {first, count};
}

absl::Status Resample(const Image& image, const AxisResize& x, const AxisResize& y,
                      ResampleChannels channels, RowSink sink) {
  const AxisWeights x_weights(x);
  const AxisWeights y_weights(y);
  return Resampler(image, x_weights, y_weights, channels).Run(sink);
}

}  // namespace dnnd::server
