#include "server/handlers/image_input.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/vision/decode.h"
#include "server/vision/header.h"

namespace dnnd::server {

namespace {

// vision knows no reasons: its codes tell them apart.
absl::Status ImageError(const absl::Status& status) {
  if (absl::IsOutOfRange(status)) {
    return WithReason(absl::InvalidArgumentError(status.message()), kReasonImageTooManyPixels,
                      {{"hint", "send a smaller picture"}});
  }
  if (absl::IsInvalidArgument(status) && ReasonOf(status).empty()) {
    return WithReason(status, kReasonImageUndecodable, {{"hint", "send a whole JPEG or PNG file"}});
  }
  return status;
}

// Raw pixels have nothing to decode: what is wrong with them is wrong with the request.
absl::Status RawError(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? WithReason(status, kReasonInvalidRequest) : status;
}

absl::Status ReadFacts(const ImageInput& input, int64_t max_pixels, ImageFacts* facts) {
  const auto add = [&](size_t received, int64_t width, int64_t height) {
    facts->received += static_cast<int64_t>(received);
    facts->largest_decoded = std::max(facts->largest_decoded, width * height * Image::kChannels);
    facts->sizes.push_back({static_cast<int>(width), static_cast<int>(height)});
    return absl::OkStatus();
  };
  if (const auto* encoded = std::get_if<EncodedInput>(&input)) {
    DNND_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(encoded->bytes));
    DNND_RETURN_IF_ERROR(CheckImageSize(header.width, header.height, max_pixels));
    const bool swaps = SwapsSides(header.orientation);
    return add(encoded->bytes.size(), swaps ? header.height : header.width,
               swaps ? header.width : header.height);
  }
  if (const auto* raw = std::get_if<RawInput>(&input)) {
    DNND_RETURN_IF_ERROR(RawError(CheckImageSize(raw->width, raw->height, max_pixels)));
    return add(raw->pixels.size(), raw->width, raw->height);
  }
  if (const auto* shared = std::get_if<SharedInput>(&input)) {
    facts->sizes.push_back(shared->picture->size);
    return absl::OkStatus();
  }
  return WithReason(absl::InvalidArgumentError("got no picture, want encoded or raw"),
                    kReasonInvalidRequest);
}

absl::StatusOr<Image> Decode(const ImageInput& input, int64_t max_pixels) {
  if (const auto* encoded = std::get_if<EncodedInput>(&input)) {
    return DecodeImage(encoded->bytes, max_pixels);
  }
  const auto& raw = std::get<RawInput>(input);
  auto image = ImageFromRaw(raw.width, raw.height, raw.format, raw.pixels, max_pixels);
  return image.ok() ? std::move(image) : RawError(image.status());
}

}  // namespace

absl::Status CheckImage(const ImageInput& input, int64_t max_pixels, ImageFacts* facts) {
  return ImageError(ReadFacts(input, max_pixels, facts));
}

absl::StatusOr<ImageFacts> CheckImages(const std::vector<ImageInput>& images, int64_t max_pixels,
                                       int max_images) {
  if (images.empty()) {
    return WithField(WithReason(absl::InvalidArgumentError("got no picture, want one or more"),
                                kReasonInvalidRequest),
                     "images");
  }
  if (images.size() > static_cast<size_t>(max_images)) {
    const std::string limit = absl::StrCat(max_images);
    return WithField(WithReason(absl::InvalidArgumentError(absl::StrCat(
                                    "got more than ", limit, " pictures, want at most ", limit)),
                                kReasonTooManyImages, {{"limit", limit}}),
                     "images");
  }
  ImageFacts facts;
  for (size_t i = 0; i < images.size(); ++i) {
    const absl::Status checked = CheckImage(images[i], max_pixels, &facts);
    if (!checked.ok()) {
      return WithField(checked, absl::StrCat("images[", i, "]"));
    }
  }
  return facts;
}

absl::StatusOr<std::shared_ptr<const Image>> DecodeInput(const ImageInput& input,
                                                         int64_t max_pixels) {
  if (const auto* shared = std::get_if<SharedInput>(&input)) {
    return shared->picture->image;
  }
  absl::StatusOr<Image> image = Decode(input, max_pixels);
  if (!image.ok()) {
    return ImageError(image.status());
  }
  return std::make_shared<const Image>(*std::move(image));
}

}  // namespace dnnd::server
