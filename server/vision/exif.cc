#include "server/vision/exif.h"

#include <cstdint>
#include <optional>

namespace dnnd::server {

namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kTypeShort = 3;
constexpr int64_t kEntryBytes = 12;

// Reads numbers of either byte order, never outside its bytes.
class TiffReader {
 public:
  TiffReader(absl::string_view bytes, bool little_endian)
      : bytes_(bytes), little_endian_(little_endian) {}

  std::optional<uint32_t> Read(int64_t offset, int size) const {
    if (offset < 0 || offset + size > static_cast<int64_t>(bytes_.size())) {
      return std::nullopt;
    }
    uint32_t value = 0;
    for (int i = 0; i < size; ++i) {
      const auto byte = static_cast<uint8_t>(bytes_[offset + i]);
      value |= uint32_t{byte} << (8 * (little_endian_ ? i : size - 1 - i));
    }
    return value;
  }

 private:
  absl::string_view bytes_;
  bool little_endian_;
};

Orientation FromDirectory(const TiffReader& reader, int64_t directory) {
  const uint32_t entries = reader.Read(directory, 2).value_or(0);
  for (uint32_t i = 0; i < entries; ++i) {
    const int64_t entry = directory + 2 + i * kEntryBytes;
    const std::optional<uint32_t> tag = reader.Read(entry, 2);
    if (!tag.has_value()) {
      break;
    }
    if (*tag != kOrientationTag) {
      continue;
    }
    const uint32_t value = reader.Read(entry + 8, 2).value_or(0);
    if (reader.Read(entry + 2, 2) == kTypeShort && value >= 1 && value <= 8) {
      return static_cast<Orientation>(value);
    }
    break;
  }
  return Orientation::kUpright;
}

}  // namespace

Orientation OrientationFromExif(absl::string_view tiff) {
  const absl::string_view order = tiff.substr(0, 2);
  if (order != "II" && order != "MM") {
    return Orientation::kUpright;
  }
  const TiffReader reader(tiff, order == "II");
  if (reader.Read(2, 2) != 42u) {
    return Orientation::kUpright;
  }
  return FromDirectory(reader, reader.Read(4, 4).value_or(0));
}

}  // namespace dnnd::server
