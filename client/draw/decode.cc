#include "client/draw/decode.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/draw/exif.h"
#include "client/draw/jpeg.h"
#include "client/draw/png.h"

namespace dnnd::client {
namespace {

absl::StatusOr<Picture> DecodeStored(absl::string_view encoded) {
  if (absl::StartsWith(encoded, "\xff\xd8\xff")) return DecodeJpeg(encoded);
  if (absl::StartsWith(encoded, "\x89PNG\r\n\x1a\n")) return DecodePng(encoded);
  return absl::InvalidArgumentError(
      absl::StrCat("got ", encoded.size(), " bytes that are neither a JPEG nor a PNG file"));
}

}  // namespace

absl::StatusOr<Picture> DecodePicture(absl::string_view encoded) {
  absl::StatusOr<Picture> stored = DecodeStored(encoded);
  if (!stored.ok()) return stored;
  return MakeUpright(*std::move(stored), ExifOrientation(encoded));
}

}  // namespace dnnd::client
