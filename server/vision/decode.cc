#include "server/vision/decode.h"

#include "engine/base/status.h"
#include "server/vision/header.h"
#include "server/vision/jpeg.h"
#include "server/vision/orient.h"
#include "server/vision/png.h"

namespace dnnd::server {

absl::StatusOr<Image> DecodeImage(absl::string_view encoded, int64_t max_pixels) {
  DNND_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(encoded));
  DNND_RETURN_IF_ERROR(CheckImageSize(header.width, header.height, max_pixels));
  DNND_ASSIGN_OR_RETURN(Image image, header.format == ImageFormat::kJpeg
                                         ? DecodeJpeg(encoded, max_pixels)
                                         : DecodePng(encoded, max_pixels));
  return MakeUpright(std::move(image), header.orientation);
}

}  // namespace dnnd::server
