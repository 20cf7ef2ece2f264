// A picture in memory, to draw on.
#ifndef DNND_CLIENT_DRAW_PICTURE_H_
#define DNND_CLIENT_DRAW_PICTURE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dnnd::client {

struct Rgb {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;

  bool operator==(const Rgb&) const = default;
};

// JPEG's own limit of a side, and 300 MB of pixels: more than any daemon takes by default.
inline constexpr int64_t kMaxSidePixels = 65535;
inline constexpr int64_t kMaxPicturePixels = 100'000'000;

// OK, OUT_OF_RANGE for a picture that is too large, INVALID_ARGUMENT for a side below 1.
absl::Status CheckPictureSize(int64_t width, int64_t height);

// 8-bit RGB, rows from the top, no gap between rows. A value that moves and is not copied by
// accident. Not thread-safe.
class Picture {
 public:
  static constexpr int kChannels = 3;

  // All pixels are `color`. What CheckPictureSize says, before memory is taken;
  // RESOURCE_EXHAUSTED without memory.
  static absl::StatusOr<Picture> Create(int64_t width, int64_t height, Rgb color = {});

  int width() const { return width_; }
  int height() const { return height_; }
  int64_t row_bytes() const { return int64_t{width_} * kChannels; }
  const uint8_t* row(int y) const { return pixels_.get() + y * row_bytes(); }
  uint8_t* mutable_row(int y) { return pixels_.get() + y * row_bytes(); }

  // REQUIRES: (x, y) is in the picture.
  Rgb at(int x, int y) const {
    const uint8_t* pixel = row(y) + x * kChannels;
    return {pixel[0], pixel[1], pixel[2]};
  }

  // Lays `color` over the pixel; opacity 255 hides what was there. Pixels outside are left out.
  void Blend(int x, int y, Rgb color, int opacity) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    uint8_t* pixel = mutable_row(y) + x * kChannels;
    const uint8_t above[] = {color.red, color.green, color.blue};
    for (int c = 0; c < kChannels; ++c) {
      pixel[c] =
          static_cast<uint8_t>((pixel[c] * (255 - opacity) + above[c] * opacity + 127) / 255);
    }
  }

 private:
  Picture() = default;

  int width_ = 0;
  int height_ = 0;
  std::unique_ptr<uint8_t[]> pixels_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_PICTURE_H_
