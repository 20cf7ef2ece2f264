// A decoded picture in memory.
#ifndef DNND_SERVER_VISION_IMAGE_H_
#define DNND_SERVER_VISION_IMAGE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/aligned_buffer.h"

namespace dnnd::server {

// No side of a picture may be longer: it is JPEG's own limit, and it bounds the work of resizing a
// picture of one pixel's width.
inline constexpr int64_t kMaxSidePixels = 65535;

// 8-bit RGB, rows from the top, no gap between rows. Movable, not copyable.
class Image {
 public:
  static constexpr int kChannels = 3;

  // Pixels are not set. REQUIRES: 1 <= width, height <= kMaxSidePixels. RESOURCE_EXHAUSTED without
  // memory.
  static absl::StatusOr<Image> Create(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  int64_t row_bytes() const { return int64_t{width_} * kChannels; }
  // One byte behind the last row may be read as well.
  const uint8_t* row(int y) const { return pixels_.data() + y * row_bytes(); }
  uint8_t* mutable_row(int y) { return pixels_.data() + y * row_bytes(); }

 private:
  int width_ = 0;
  int height_ = 0;
  engine::AlignedBuffer pixels_;
};

enum class RawFormat { kRgb, kBgr, kGray };

// A picture from pixels that a client decoded. OUT_OF_RANGE above `max_pixels` or kMaxSidePixels,
// INVALID_ARGUMENT for sizes below 1 or a length that does not fit them; both before memory is
// taken.
absl::StatusOr<Image> ImageFromRaw(int64_t width, int64_t height, RawFormat format,
                                   absl::string_view pixels, int64_t max_pixels);

// OK, OUT_OF_RANGE when the picture is too large, INVALID_ARGUMENT for a side below 1.
absl::Status CheckImageSize(int64_t width, int64_t height, int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_IMAGE_H_
