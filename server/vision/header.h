// What a picture's file says of itself, read from its first bytes without decoding anything.
#ifndef DNND_SERVER_VISION_HEADER_H_
#define DNND_SERVER_VISION_HEADER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/vision/exif.h"

namespace dnnd::server {

enum class ImageFormat { kJpeg, kPng };

struct ImageHeader {
  ImageFormat format = ImageFormat::kJpeg;
  // As stored, before the orientation is applied.
  int64_t width = 0;
  int64_t height = 0;
  Orientation orientation = Orientation::kUpright;

  int64_t pixels() const { return width * height; }
};

// Reads the header of a JPEG or PNG file. INVALID_ARGUMENT when it is neither or is broken; sizes
// are as the file says, and so may be absurd: CheckImageSize is the next step. Takes no memory.
absl::StatusOr<ImageHeader> ReadImageHeader(absl::string_view encoded);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_HEADER_H_
