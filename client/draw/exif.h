// Which way up a picture's file says that it is.
#ifndef DNND_CLIENT_DRAW_EXIF_H_
#define DNND_CLIENT_DRAW_EXIF_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// EXIF's orientation of a JPEG or PNG file, 1 to 8; 1 (upright) where there is none, or none that
// can be read. Never reads outside `encoded`, and takes no memory.
int ExifOrientation(absl::string_view encoded);

// `stored` turned and mirrored as `orientation` (1 to 8) says. RESOURCE_EXHAUSTED without memory.
absl::StatusOr<Picture> MakeUpright(Picture stored, int orientation);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_EXIF_H_
