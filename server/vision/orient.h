// Turns a picture upright.
#ifndef DNND_SERVER_VISION_ORIENT_H_
#define DNND_SERVER_VISION_ORIENT_H_

#include "absl/status/statusor.h"
#include "server/vision/exif.h"
#include "server/vision/image.h"

namespace dnnd::server {

// `image` with `orientation` applied; costs nothing when it is upright already.
// RESOURCE_EXHAUSTED without memory.
absl::StatusOr<Image> MakeUpright(Image image, Orientation orientation);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_ORIENT_H_
