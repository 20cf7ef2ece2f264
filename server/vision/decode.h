// A picture's file to upright pixels.
#ifndef DNND_SERVER_VISION_DECODE_H_
#define DNND_SERVER_VISION_DECODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/vision/image.h"

namespace dnnd::server {

// Decodes a JPEG or PNG file and applies its EXIF orientation. Sizes are checked before memory is
// taken. Thread-safe; runs on the calling thread.
// INVALID_ARGUMENT: not a picture, broken or cut off. OUT_OF_RANGE: more than `max_pixels`, or a
// side above kMaxSidePixels. RESOURCE_EXHAUSTED: no memory.
absl::StatusOr<Image> DecodeImage(absl::string_view encoded, int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DECODE_H_
