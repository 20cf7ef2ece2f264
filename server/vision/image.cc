#include "server/vision/image.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

// Resampling reads pixels as four bytes; the last pixel's fourth byte is this one.
constexpr int64_t kReadableBytesBehind = 1;

void CopyRow(RawFormat format, const uint8_t* source, int width, uint8_t* rgb) {
  switch (format) {
    case RawFormat::kRgb:
      std::memcpy(rgb, source, int64_t{width} * 3);
      return;
    case RawFormat::kBgr:
      for (int x = 0; x < width; ++x) {
        rgb[3 * x + 0] = source[3 * x + 2];
        rgb[3 * x + 1] = source[3 * x + 1];
        rgb[3 * x + 2] = source[3 * x + 0];
      }
      return;
    case RawFormat::kGray:
      for (int x = 0; x < width; ++x) {
        rgb[3 * x + 0] = rgb[3 * x + 1] = rgb[3 * x + 2] = source[x];
      }
      return;
  }
}

}  // namespace

absl::Status CheckImageSize(int64_t width, int64_t height, int64_t max_pixels) {
  if (width < 1 || height < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("got a picture of ", width, " x ", height, " pixels, want 1 x 1 or more"));
  }
  if (width > kMaxSidePixels || height > kMaxSidePixels) {
    return absl::OutOfRangeError(absl::StrCat("got a picture of ", width, " x ", height,
                                              " pixels, want no side above ", kMaxSidePixels));
  }
  if (width * height > max_pixels) {
    return absl::OutOfRangeError(absl::StrCat("got a picture of ", width, " x ", height, " = ",
                                              width * height, " pixels, want at most ",
                                              max_pixels));
  }
  return absl::OkStatus();
}

absl::StatusOr<Image> Image::Create(int width, int height) {
  Image image;
  image.width_ = width;
  image.height_ = height;
  DNND_ASSIGN_OR_RETURN(image.pixels_, engine::AlignedBuffer::Create(image.row_bytes() * height +
                                                                     kReadableBytesBehind));
  image.pixels_.data()[image.row_bytes() * height] = 0;
  return image;
}

absl::StatusOr<Image> ImageFromRaw(int64_t width, int64_t height, RawFormat format,
                                   absl::string_view pixels, int64_t max_pixels) {
  DNND_RETURN_IF_ERROR(CheckImageSize(width, height, max_pixels));
  const int64_t channels = format == RawFormat::kGray ? 1 : 3;
  const int64_t want = width * height * channels;
  if (static_cast<int64_t>(pixels.size()) != want) {
    return absl::InvalidArgumentError(absl::StrCat("got ", pixels.size(), " bytes of pixels, want ",
                                                   width, " x ", height, " x ", channels, " = ",
                                                   want));
  }
  DNND_ASSIGN_OR_RETURN(Image image,
                        Image::Create(static_cast<int>(width), static_cast<int>(height)));
  const auto* source = reinterpret_cast<const uint8_t*>(pixels.data());
  for (int y = 0; y < height; ++y) {
    CopyRow(format, source + y * width * channels, static_cast<int>(width), image.mutable_row(y));
  }
  return image;
}

}  // namespace dnnd::server
