#include "client/draw/jpeg.h"

#include <turbojpeg.h>

#include <memory>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

struct DestroyHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, DestroyHandle>;

constexpr int kCmykChannels = 4;

bool Failed(const Handle& handle, int outcome) {
  return outcome != 0 && tjGetErrorCode(handle.get()) != TJERR_WARNING;
}

absl::Status Undecodable(const Handle& handle) {
  return absl::InvalidArgumentError(
      absl::StrCat("the JPEG file cannot be decoded: ", tjGetErrorStr2(handle.get())));
}

absl::Status Decompress(const Handle& handle, absl::string_view encoded, int format,
                        const Picture& size, uint8_t* pixels) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
  // TJFLAG_LIMITSCANS: a progressive file of thousands of empty scans would run for minutes.
  const int outcome = tjDecompress2(handle.get(), bytes, encoded.size(), pixels, size.width(),
                                    /*pitch=*/0, size.height(), format, TJFLAG_LIMITSCANS);
  return Failed(handle, outcome) ? Undecodable(handle) : absl::OkStatus();
}

// CMYK in JPEG files is stored inverted, by Adobe's convention that all software follows.
absl::Status DecompressCmyk(const Handle& handle, absl::string_view encoded, Picture& picture) {
  const int64_t pixels = int64_t{picture.width()} * picture.height();
  const std::unique_ptr<uint8_t[]> cmyk(new (std::nothrow) uint8_t[pixels * kCmykChannels]);
  if (cmyk == nullptr) return absl::ResourceExhaustedError("no memory for a CMYK picture");
  absl::Status status = Decompress(handle, encoded, TJPF_CMYK, picture, cmyk.get());
  if (!status.ok()) return status;
  uint8_t* rgb = picture.mutable_row(0);
  for (int64_t i = 0; i < pixels; ++i) {
    const uint8_t* inks = cmyk.get() + i * kCmykChannels;
    for (int c = 0; c < Picture::kChannels; ++c) {
      rgb[i * Picture::kChannels + c] = static_cast<uint8_t>((inks[c] * inks[3] + 127) / 255);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Picture> DecodeJpeg(absl::string_view encoded) {
  const Handle handle(tjInitDecompress());
  if (handle == nullptr) return absl::ResourceExhaustedError("no memory for a JPEG decoder");
  int width = 0, height = 0, subsampling = 0, color_space = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
  const int outcome = tjDecompressHeader3(handle.get(), bytes, encoded.size(), &width, &height,
                                          &subsampling, &color_space);
  if (Failed(handle, outcome)) return Undecodable(handle);
  absl::StatusOr<Picture> picture = Picture::Create(width, height);
  if (!picture.ok()) return picture;
  const bool cmyk = color_space == TJCS_CMYK || color_space == TJCS_YCCK;
  absl::Status status =
      cmyk ? DecompressCmyk(handle, encoded, *picture)
           : Decompress(handle, encoded, TJPF_RGB, *picture, picture->mutable_row(0));
  if (!status.ok()) return status;
  return picture;
}

}  // namespace dnnd::client
