#include "client/draw/exif.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"

namespace dnnd::client {
namespace {

constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);
constexpr absl::string_view kExifSignature("Exif\0\0", 6);
constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kTypeShort = 3;
constexpr size_t kEntryBytes = 12;

// Big-endian, or little-endian. 0 outside of the bytes.
uint32_t Number(absl::string_view bytes, size_t at, size_t size, bool little_endian = false) {
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  uint32_t number = 0;
  for (size_t i = 0; i < size; ++i) {
    const size_t place = little_endian ? at + size - 1 - i : at + i;
    number = number << 8 | static_cast<uint8_t>(bytes[place]);
  }
  return number;
}

// The orientation in the first directory of a TIFF header, or 1.
int OrientationOf(absl::string_view tiff) {
  const bool little = absl::StartsWith(tiff, "II");
  if (!little && !absl::StartsWith(tiff, "MM")) return 1;
  if (Number(tiff, 2, 2, little) != 42) return 1;
  const size_t directory = Number(tiff, 4, 4, little);
  const size_t entries = Number(tiff, directory, 2, little);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (Number(tiff, entry, 2, little) != kOrientationTag) continue;
    const uint32_t value = Number(tiff, entry + 8, 2, little);
    const bool known = Number(tiff, entry + 2, 2, little) == kTypeShort && value >= 1 && value <= 8;
    return known ? static_cast<int>(value) : 1;
  }
  return 1;
}

// The TIFF header in the first Exif segment before the pixels; empty without one.
absl::string_view ExifOfJpeg(absl::string_view file) {
  size_t at = 2;
  while (at + 4 <= file.size()) {
    const auto marker = static_cast<uint8_t>(file[at + 1]);
    // Between segments decoders skip what is none.
    if (static_cast<uint8_t>(file[at]) != 0xff || marker == 0x00 || marker == 0xff) {
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    const size_t length = Number(file, at + 2, 2);
    if (marker == 0xd9 || marker == 0xda || length < 2 || length > file.size() - at - 2) break;
    const absl::string_view segment = file.substr(at + 4, length - 2);
    if (marker == 0xe1 && absl::StartsWith(segment, kExifSignature)) {
      return segment.substr(kExifSignature.size());
    }
    at += 2 + length;
  }
  return {};
}

// The contents of an eXIf chunk before the pixels; empty without one.
absl::string_view ExifOfPng(absl::string_view file) {
  constexpr size_t kOverhead = 12;  // length, type and checksum
  size_t at = kPngSignature.size();
  while (at + kOverhead <= file.size()) {
    const size_t length = Number(file, at, 4);
    const absl::string_view type = file.substr(at + 4, 4);
    if (type == "IDAT" || length > file.size() - at - kOverhead) break;
    if (type == "eXIf") return file.substr(at + 8, length);
    at += kOverhead + length;
  }
  return {};
}

// Where the upright picture's pixel (x, y) is in the stored one.
std::pair<int, int> StoredPlace(const Picture& stored, int orientation, int x, int y) {
  const int right = stored.width() - 1;
  const int bottom = stored.height() - 1;
  switch (orientation) {
    case 2:
      return {right - x, y};
    case 3:
      return {right - x, bottom - y};
    case 4:
      return {x, bottom - y};
    case 5:
      return {y, x};
    case 6:
      return {y, bottom - x};
    case 7:
      return {right - y, bottom - x};
    case 8:
      return {right - y, x};
    default:
      return {x, y};
  }
}

}  // namespace

int ExifOrientation(absl::string_view encoded) {
  const bool png = absl::StartsWith(encoded, kPngSignature);
  return OrientationOf(png ? ExifOfPng(encoded) : ExifOfJpeg(encoded));
}

absl::StatusOr<Picture> MakeUpright(Picture stored, int orientation) {
  if (orientation == 1) return stored;
  const bool lies = orientation >= 5;
  absl::StatusOr<Picture> upright = Picture::Create(lies ? stored.height() : stored.width(),
                                                    lies ? stored.width() : stored.height());
  if (!upright.ok()) return upright;
  for (int y = 0; y < upright->height(); ++y) {
    uint8_t* to = upright->mutable_row(y);
    for (int x = 0; x < upright->width(); ++x, to += Picture::kChannels) {
      const auto [column, row] = StoredPlace(stored, orientation, x, y);
      std::copy_n(stored.row(row) + column * Picture::kChannels, Picture::kChannels, to);
    }
  }
  return upright;
}

}  // namespace dnnd::client
