// Files of pictures, decoded as the daemon decodes them.
#ifndef DNND_CLIENT_DRAW_DECODE_H_
#define DNND_CLIENT_DRAW_DECODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// The upright picture of a JPEG or PNG file: grey, CMYK, 16 bits and palettes become RGB, opacities
// are left out, EXIF's orientation is applied. INVALID_ARGUMENT when it is neither or is broken,
// and what CheckPictureSize says, before memory is taken.
absl::StatusOr<Picture> DecodePicture(absl::string_view encoded);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_DECODE_H_
