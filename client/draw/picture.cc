#include "client/draw/picture.h"

#include <new>

#include "absl/strings/str_cat.h"

namespace dnnd::client {

absl::Status CheckPictureSize(int64_t width, int64_t height) {
  if (width < 1 || height < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a picture of ", width, " x ", height, " pixels has no pixels"));
  }
  // The sides first: their product cannot overflow then.
  if (width > kMaxSidePixels || height > kMaxSidePixels || width * height > kMaxPicturePixels) {
    return absl::OutOfRangeError(absl::StrCat("a picture of ", width, " x ", height,
                                              " pixels is too large to draw on; want at most ",
                                              kMaxPicturePixels));
  }
  return absl::OkStatus();
}

absl::StatusOr<Picture> Picture::Create(int64_t width, int64_t height, Rgb color) {
  if (absl::Status status = CheckPictureSize(width, height); !status.ok()) return status;
  Picture picture;
  picture.width_ = static_cast<int>(width);
  picture.height_ = static_cast<int>(height);
  const int64_t bytes = picture.row_bytes() * height;
  picture.pixels_.reset(new (std::nothrow) uint8_t[bytes]);
  if (picture.pixels_ == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for a picture of ", width, " x ", height, " pixels"));
  }
  for (int64_t i = 0; i < bytes; i += kChannels) {
    picture.pixels_[i] = color.red;
    picture.pixels_[i + 1] = color.green;
    picture.pixels_[i + 2] = color.blue;
  }
  return picture;
}

}  // namespace dnnd::client
