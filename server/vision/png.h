// PNG files to pixels.
#ifndef DNND_SERVER_VISION_PNG_H_
#define DNND_SERVER_VISION_PNG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/vision/image.h"

namespace dnnd::server {

// Decodes a PNG file: 1 to 16 bits, grey, colour or palette, interlaced or not. As Pillow's
// convert("RGB") does, alpha and transparency are dropped, 16 bits become their upper 8, and gamma
// is not applied. The orientation is not applied. Thread-safe.
// INVALID_ARGUMENT when it cannot be decoded or ends too early, OUT_OF_RANGE when it is too large.
absl::StatusOr<Image> DecodePng(absl::string_view encoded, int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_PNG_H_
