#include "server/vision/header.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dnnd::server {

namespace {

constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);
constexpr absl::string_view kJpegSignature("\xff\xd8\xff", 3);
constexpr absl::string_view kExifSignature("Exif\0\0", 6);

uint32_t BigEndian(absl::string_view bytes, size_t offset, int size) {
  uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    value = value << 8 | static_cast<uint8_t>(bytes[offset + i]);
  }
  return value;
}

absl::Status Truncated(absl::string_view format) {
  return absl::InvalidArgumentError(absl::StrCat("the ", format, " file ends inside its header"));
}

// A frame header names the size: SOF0 to SOF15, but for the three of that range that are tables.
bool IsFrameHeader(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

bool HasNoLength(uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7); }

// Walks the segments up to the frame header; the orientation stands before it.
absl::StatusOr<ImageHeader> ReadJpegHeader(absl::string_view file) {
  ImageHeader header;
  header.format = ImageFormat::kJpeg;
  bool oriented = false;
  size_t at = 2;
  while (at + 4 <= file.size()) {
    if (static_cast<uint8_t>(file[at]) != 0xff) {
      ++at;  // decoders skip stray bytes between segments
      continue;
    }
    const auto marker = static_cast<uint8_t>(file[at + 1]);
    if (marker == 0xff || marker == 0x00 || HasNoLength(marker)) {
      at += marker == 0xff ? 1 : 2;
      continue;
    }
    const size_t length = BigEndian(file, at + 2, 2);
    if (length < 2 || at + 2 + length > file.size()) {
      return Truncated("JPEG");
    }
    const absl::string_view segment = file.substr(at + 4, length - 2);
    if (IsFrameHeader(marker)) {
      if (segment.size() < 5) {
        return Truncated("JPEG");
      }
      header.height = BigEndian(segment, 1, 2);
      header.width = BigEndian(segment, 3, 2);
      return header;
    }
    if (marker == 0xe1 && !oriented && absl::StartsWith(segment, kExifSignature)) {
      header.orientation = OrientationFromExif(segment.substr(kExifSignature.size()));
      oriented = true;
    }
    if (marker == 0xd9 || marker == 0xda) {
      return absl::InvalidArgumentError("the JPEG file has no frame header");
    }
    at += 2 + length;
  }
  return Truncated("JPEG");
}

// IHDR must come first; an eXIf chunk stands before the pixels, if anywhere.
absl::StatusOr<ImageHeader> ReadPngHeader(absl::string_view file) {
  constexpr size_t kFirstChunk = 8;
  constexpr size_t kChunkOverhead = 12;
  if (file.size() < kFirstChunk + kChunkOverhead + 13) {
    return Truncated("PNG");
  }
  if (file.substr(kFirstChunk + 4, 4) != "IHDR") {
    return absl::InvalidArgumentError("the PNG file does not begin with IHDR");
  }
  ImageHeader header;
  header.format = ImageFormat::kPng;
  header.width = BigEndian(file, kFirstChunk + 8, 4);
  header.height = BigEndian(file, kFirstChunk + 12, 4);
  for (size_t at = kFirstChunk; at + kChunkOverhead <= file.size();) {
    const size_t length = BigEndian(file, at, 4);
    const absl::string_view type = file.substr(at + 4, 4);
    if (type == "IDAT" || length > file.size() - at - kChunkOverhead) {
      break;
    }
    if (type == "eXIf") {
      header.orientation = OrientationFromExif(file.substr(at + 8, length));
      break;
    }
    at += kChunkOverhead + length;
  }
  return header;
}

}  // namespace

absl::StatusOr<ImageHeader> ReadImageHeader(absl::string_view encoded) {
  if (absl::StartsWith(encoded, kJpegSignature)) {
    return ReadJpegHeader(encoded);
  }
  if (absl::StartsWith(encoded, kPngSignature)) {
    return ReadPngHeader(encoded);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("got ", encoded.size(), " bytes that are neither a JPEG nor a PNG file"));
}

}  // namespace dnnd::server
