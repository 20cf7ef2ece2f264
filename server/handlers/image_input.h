// Pictures as they come from outside.
#ifndef DNND_SERVER_HANDLERS_IMAGE_INPUT_H_
#define DNND_SERVER_HANDLERS_IMAGE_INPUT_H_

#include <memory>
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
// A picture that several requests look at. Its pixels are there before any of them begins.
struct SharedPicture {
  PictureSize size;  // upright
  std::shared_ptr<const Image> image;
};
struct SharedInput {
  std::shared_ptr<const SharedPicture> picture;
};
// monostate: none was set.
using ImageInput = std::variant<std::monostate, EncodedInput, RawInput, SharedInput>;

// What the headers of pictures say. Whoever shares a picture accounts for its bytes.
struct ImageFacts {
  int64_t received = 0;            // bytes of all of them, as they came
  int64_t largest_decoded = 0;     // bytes of the largest one, as pixels
  std::vector<PictureSize> sizes;  // of each, upright
};

// Reads the header of one picture, nothing more, and adds what it says to `facts`.
// INVALID_ARGUMENT: IMAGE_UNDECODABLE, IMAGE_TOO_MANY_PIXELS; INVALID_REQUEST without a source.
absl::Status CheckImage(const ImageInput& input, int64_t max_pixels, ImageFacts* facts);

// The same for all pictures of a request; errors name images[i]. TOO_MANY_IMAGES besides, and
// INVALID_REQUEST for an empty list.
absl::StatusOr<ImageFacts> CheckImages(const std::vector<ImageInput>& images, int64_t max_pixels,
                                       int max_images);

// The upright pixels. Errors: CheckImage's. REQUIRES: checked.
absl::StatusOr<std::shared_ptr<const Image>> DecodeInput(const ImageInput& input,
                                                         int64_t max_pixels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_IMAGE_INPUT_H_
