// Pictures as they come from outside.
#ifndef DNND_SERVER_HANDLERS_IMAGE_INPUT_H_
#define DNND_SERVER_HANDLERS_IMAGE_INPUT_H_

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/vision/image.h"
#include "server/vision/run_size.h"

namespace dnnd::server {

// The bytes of a JPEG or PNG file.
struct EncodedInput {
  absl::string_view bytes;
};
// Pixels that were decoded elsewhere.
struct RawInput {
  int64_t width = 0;
  int64_t height = 0;
  RawFormat format = RawFormat::kRgb;
  absl::string_view pixels;
};
using ImageInput = std::variant<std::monostate, EncodedInput, RawInput>;  // monostate: none was set

// What the headers of pictures say.
struct ImageFacts {
  int64_t received = 0;            // bytes of all of them, as they came
  int64_t largest_decoded = 0;     // bytes of the largest one, as pixels
  std::vector<PictureSize> sizes;  // of each, upright
};

// Reads the headers of all pictures and nothing more. INVALID_ARGUMENT naming images[i]:
// IMAGE_UNDECODABLE, IMAGE_TOO_MANY_PIXELS; TOO_MANY_IMAGES; INVALID_REQUEST for an empty list or a
// picture without a source.
absl::StatusOr<ImageFacts> CheckImages(const std::vector<ImageInput>& images, int64_t max_pixels,
                                       int max_images);

// The upright pixels of picture `index`. Errors as above.
absl::StatusOr<Image> DecodeInput(const ImageInput& input, size_t index, int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_IMAGE_INPUT_H_
