// JPEG files, by libturbojpeg.
#ifndef DNND_CLIENT_DRAW_JPEG_H_
#define DNND_CLIENT_DRAW_JPEG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// The picture as it is stored; see DecodePicture for the outcomes. What a file lacks at its end is
// grey: the daemon is who refuses such files.
absl::StatusOr<Picture> DecodeJpeg(absl::string_view encoded);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_JPEG_H_
