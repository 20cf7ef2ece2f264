// JPEG files to pixels.
#ifndef DNND_SERVER_VISION_JPEG_H_
#define DNND_SERVER_VISION_JPEG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/vision/image.h"

namespace dnnd::server {

// Decodes a JPEG file: baseline or progressive, grey, colour, CMYK or YCCK; the pixels are the same
// bits that Pillow's convert("RGB") gives. The orientation is not applied. Thread-safe.
// INVALID_ARGUMENT when it cannot be decoded or ends too early, OUT_OF_RANGE when it is too large.
absl::StatusOr<Image> DecodeJpeg(absl::string_view encoded, int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_JPEG_H_
