#include "server/vision/jpeg.h"

#include <turbojpeg.h>

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/aligned_buffer.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

struct DestroyHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, DestroyHandle>;

constexpr int kCmykChannels = 4;

absl::Status Undecodable(const Handle& handle) {
  return absl::InvalidArgumentError(
      absl::StrCat("the JPEG file cannot be decoded: ", tjGetErrorStr2(handle.get())));
}

// A warning is an error here, for it means that pixels were made up, with one exception: bytes
// between segments, which some cameras leave and which cost nothing, in a file that has its end.
bool IsHarmless(const Handle& handle, absl::string_view encoded) {
  if (tjGetErrorCode(handle.get()) != TJERR_WARNING ||
      !absl::StrContains(tjGetErrorStr2(handle.get()), "extraneous bytes before marker")) {
    return false;
  }
  // Only the first warning is kept, so that the end has to be looked for: behind the last scan.
  const size_t last_scan = encoded.rfind("\xff\xda");
  return last_scan != encoded.npos && encoded.find("\xff\xd9", last_scan) != encoded.npos;
}

absl::Status Decompress(const Handle& handle, absl::string_view encoded, int pixel_format,
                        int width, int height, uint8_t* pixels) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
  // TJFLAG_LIMITSCANS: a progressive file of thousands of empty scans would run for minutes.
  if (tjDecompress2(handle.get(), bytes, encoded.size(), pixels, width, /*pitch=*/0, height,
                    pixel_format, TJFLAG_LIMITSCANS) != 0 &&
      !IsHarmless(handle, encoded)) {
    return Undecodable(handle);
  }
  return absl::OkStatus();
}

// a * b / 255, rounded, for bytes.
int MulDiv255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

// CMYK in JPEG files is stored inverted, by Adobe's convention that all software follows.
void InvertedCmykToRgb(const uint8_t* cmyk, int width, uint8_t* rgb) {
  for (int x = 0; x < width; ++x) {
    const int black = cmyk[4 * x + 3];
    for (int c = 0; c < 3; ++c) {
      rgb[3 * x + c] = static_cast<uint8_t>(black - MulDiv255(255 - cmyk[4 * x + c], black));
    }
  }
}

absl::Status DecompressCmyk(const Handle& handle, absl::string_view encoded, Image& image) {
  const int64_t row_bytes = int64_t{image.width()} * kCmykChannels;
  DNND_ASSIGN_OR_RETURN(engine::AlignedBuffer cmyk,
                        engine::AlignedBuffer::Create(row_bytes * image.height()));
  DNND_RETURN_IF_ERROR(
      Decompress(handle, encoded, TJPF_CMYK, image.width(), image.height(), cmyk.data()));
  for (int y = 0; y < image.height(); ++y) {
    InvertedCmykToRgb(cmyk.data() + y * row_bytes, image.width(), image.mutable_row(y));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Image> DecodeJpeg(absl::string_view encoded, int64_t max_pixels) {
  const Handle handle(tjInitDecompress());
  if (handle == nullptr) {
    return absl::ResourceExhaustedError("no memory for a JPEG decoder");
  }
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int color_space = 0;
  if (tjDecompressHeader3(handle.get(), reinterpret_cast<const unsigned char*>(encoded.data()),
                          encoded.size(), &width, &height, &subsampling, &color_space) != 0 &&
      !IsHarmless(handle, encoded)) {
    return Undecodable(handle);
  }
  DNND_RETURN_IF_ERROR(CheckImageSize(width, height, max_pixels));
  DNND_ASSIGN_OR_RETURN(Image image, Image::Create(width, height));
  if (color_space == TJCS_CMYK || color_space == TJCS_YCCK) {
    DNND_RETURN_IF_ERROR(DecompressCmyk(handle, encoded, image));
  } else {
    DNND_RETURN_IF_ERROR(
        Decompress(handle, encoded, TJPF_RGB, width, height, image.mutable_row(0)));
  }
  return image;
}

}  // namespace dnnd::server
