// PNG files, by libpng.
#ifndef DNND_CLIENT_DRAW_PNG_H_
#define DNND_CLIENT_DRAW_PNG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/draw/mask.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// The picture as it is stored; see DecodePicture for the outcomes.
absl::StatusOr<Picture> DecodePng(absl::string_view encoded);

// The indices of a file with a palette, or the values of a grey one of at most 8 bits.
// INVALID_ARGUMENT for other files, else as DecodePicture.
absl::StatusOr<Mask> DecodePngMask(absl::string_view encoded);

// The picture as a PNG file. INTERNAL when libpng fails.
absl::StatusOr<std::string> EncodePng(const Picture& picture);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_PNG_H_
