// Bilinear resizing with antialiasing, to the bit as Pillow's Image.resize(BILINEAR) does it on
// 8-bit pictures: horizontally, rounded to bytes, then vertically, with weights of 22 fractional
// bits. Only that part of the resized picture is computed which is asked for.
#ifndef DNND_SERVER_VISION_RESAMPLE_H_
#define DNND_SERVER_VISION_RESAMPLE_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "server/vision/image.h"

namespace dnnd::server {

// One axis of a resize: `source` pixels become `target` pixels, of which [begin, begin + count) are
// wanted. `target` may be beyond any picture's size where a thin picture is cropped.
struct AxisResize {
  int source = 0;
  int64_t target = 0;
  int64_t begin = 0;
  int count = 0;
};

// For each wanted pixel, the source pixels that it is made of, and their weights.
// REQUIRES: 1 <= source, count; begin + count <= target.
class AxisWeights {
 public:
  struct Window {
    int begin = 0;
    int count = 0;
  };

  explicit AxisWeights(const AxisResize& axis);

  int count() const { return static_cast<int>(windows_.size()); }
  Window window(int i) const { return windows_[i]; }
  const int32_t* weights(int i) const { return weights_.data() + int64_t{i} * stride_; }

 private:
  void Fill(const AxisResize& axis, double scale, double support, int i);

  std::vector<Window> windows_;
  std::vector<int32_t> weights_;
  int stride_ = 0;
};

enum class ResampleChannels : int { kGray = 1, kRgb = 3 };

// Gets row `y` of the wanted part: count pixels of `channels` interleaved bytes.
using RowSink = absl::FunctionRef<void(int y, const uint8_t* row)>;

// Resizes `image` and passes each wanted row on, in order from the top. kGray turns the picture to
// brightness first, (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow's convert("L") does.
// RESOURCE_EXHAUSTED without memory for the sums.
absl::Status Resample(const Image& image, const AxisResize& x, const AxisResize& y,
                      ResampleChannels channels, RowSink sink);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_RESAMPLE_H_
