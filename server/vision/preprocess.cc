#include "server/vision/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

using engine::DataType;

constexpr int kMaxInputSide = 16384;
constexpr int kByteValues = 256;
constexpr int kTableStride = kByteValues + 1;  // the last entry is the padding

bool IsListOf(const std::vector<float>& values, size_t channels) {
  return values.empty() || values.size() == 1 || values.size() == channels;
}

float Channel(const std::vector<float>& values, int channel, float otherwise) {
  return values.empty() ? otherwise : values[values.size() == 1 ? 0 : channel];
}

bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

absl::Status CheckOptions(const PreprocessOptions& options) {
  const size_t channels = options.color == ColorOrder::kGray ? 1 : 3;
  if (options.width < 1 || options.height < 1 || options.width > kMaxInputSide ||
      options.height > kMaxInputSide) {
    return absl::InvalidArgumentError(absl::StrCat("got an input of ", options.width, " x ",
                                                   options.height, " pixels, want 1 to ",
                                                   kMaxInputSide, " each"));
  }
  if (options.resize == ResizeMode::kShorterSideCrop &&
      (options.shorter_side < std::max(options.width, options.height) ||
       options.shorter_side > kMaxInputSide)) {
    return absl::InvalidArgumentError(
        absl::StrCat("got shorter_side ", options.shorter_side, ", want ",
                     std::max(options.width, options.height), " to ", kMaxInputSide));
  }
  if (!IsListOf(options.mean, channels) || !IsListOf(options.std, channels)) {
    return absl::InvalidArgumentError(absl::StrCat("got ", options.mean.size(), " means and ",
                                                   options.std.size(), " stds, want none, one or ",
                                                   channels));
  }
  if (!std::isfinite(options.scale) || options.scale == 0.0 || !AllFinite(options.mean) ||
      !AllFinite(options.std) || !std::isfinite(options.pad_value) ||
      std::count(options.std.begin(), options.std.end(), 0.0f) != 0) {
    return absl::InvalidArgumentError(
        "scale, mean, std and pad_value must be finite, scale and std not 0");
  }
  return absl::OkStatus();
}

// The bits of `value` as an element of `type`; integers are rounded to nearest and saturated.
std::optional<uint32_t> Encode(double value, DataType type) {
  const auto as_float = static_cast<float>(value);
  switch (type) {
    case DataType::kFloat32: {
      uint32_t bits = 0;
      std::memcpy(&bits, &as_float, sizeof(bits));
      return bits;
    }
    case DataType::kFloat16:
      return engine::FloatToHalf(as_float);
    case DataType::kBFloat16:
      return engine::FloatToBFloat16(as_float);
    case DataType::kUint8:
      return static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0));
    case DataType::kInt8:
      return static_cast<uint8_t>(
          static_cast<int8_t>(std::clamp(std::nearbyint(value), -128.0, 127.0)));
    default:
      return std::nullopt;
  }
}

// torchvision's rule: the longer side is cut to an integer.
int64_t LongerSide(int64_t shorter_to, int64_t longer, int64_t shorter) {
  return shorter_to * longer / shorter;
}

// torchvision rounds half to even, as Python does.
int64_t CropBegin(int64_t from, int64_t to) {
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(from - to) / 2.0));
}

}  // namespace

Preprocessor::Preprocessor(PreprocessOptions options) : options_(std::move(options)) {}

absl::StatusOr<Preprocessor> Preprocessor::Create(PreprocessOptions options) {
  DNND_RETURN_IF_ERROR(CheckOptions(options));
  Preprocessor preprocessor(std::move(options));
  DNND_RETURN_IF_ERROR(preprocessor.BuildTables());
  return preprocessor;
}

absl::Status Preprocessor::BuildTables() {
  table_.resize(static_cast<size_t>(channels()) * kTableStride);
  for (int c = 0; c < channels(); ++c) {
    const double mean = Channel(options_.mean, c, 0.0f);
    const double std = Channel(options_.std, c, 1.0f);
    for (int i = 0; i < kTableStride; ++i) {
      const double pixel = i < kByteValues ? i : options_.pad_value;
      const std::optional<uint32_t> bits =
          Encode((pixel * options_.scale - mean) / std, options_.type);
      if (!bits.has_value()) {
        return absl::UnimplementedError(
            absl::StrCat("got an input of ", engine::DataTypeName(options_.type),
                         " for pictures, want float32, float16, bfloat16, uint8 or int8"));
      }
      table_[c * kTableStride + i] = *bits;
    }
  }
  return absl::OkStatus();
}

Preprocessor::Placement Preprocessor::Place(const Image& image) const {
  const int width = image.width();
  const int height = image.height();
  Placement placement;
  placement.x = {width, options_.width, 0, options_.width};
  placement.y = {height, options_.height, 0, options_.height};
  if (options_.resize == ResizeMode::kShorterSideCrop) {
    const int side = options_.shorter_side;
    placement.x.target = width <= height ? side : LongerSide(side, width, height);
    placement.y.target = width <= height ? LongerSide(side, height, width) : side;
    placement.x.begin = CropBegin(placement.x.target, options_.width);
    placement.y.begin = CropBegin(placement.y.target, options_.height);
  } else if (options_.resize == ResizeMode::kLetterbox) {
    double factor = std::min(static_cast<double>(options_.width) / width,
                             static_cast<double>(options_.height) / height);
    if (!options_.enlarges) {
      factor = std::min(factor, 1.0);
    }
    placement.x.count = std::clamp<int>(std::lround(width * factor), 1, options_.width);
    placement.y.count = std::clamp<int>(std::lround(height * factor), 1, options_.height);
    placement.x.target = placement.x.count;
    placement.y.target = placement.y.count;
    if (options_.anchor == LetterboxAnchor::kCenter) {
      placement.left = (options_.width - placement.x.count) / 2;
      placement.top = (options_.height - placement.y.count) / 2;
    }
  }
  return placement;
}

template <typename T>
void Preprocessor::Pad(T* row) const {
  const int64_t pixels = int64_t{options_.width} * options_.height;
  for (int c = 0; c < channels(); ++c) {
    const T value = static_cast<T>(table_[c * kTableStride + kByteValues]);
    if (options_.layout == TensorLayout::kNchw) {
      std::fill_n(row + c * pixels, pixels, value);
      continue;
    }
    for (int64_t i = 0; i < pixels; ++i) {
      row[i * channels() + c] = value;
    }
  }
}

template <typename T>
void Preprocessor::WriteRow(const uint8_t* pixels, int y, const Placement& placement,
                            T* row) const {
  const int count = placement.x.count;
  const int step = channels();
  const int64_t first = int64_t{placement.top + y} * options_.width + placement.left;
  for (int c = 0; c < step; ++c) {
    const uint32_t* table = table_.data() + c * kTableStride;
    const uint8_t* source = pixels + (options_.color == ColorOrder::kBgr ? 2 - c : c);
    if (options_.layout == TensorLayout::kNchw) {
      T* target = row + int64_t{c} * options_.width * options_.height + first;
      for (int x = 0; x < count; ++x) {
        target[x] = static_cast<T>(table[source[x * step]]);
      }
    } else {
      T* target = row + first * step + c;
      for (int x = 0; x < count; ++x) {
        target[x * step] = static_cast<T>(table[source[x * step]]);
      }
    }
  }
}

template <typename T>
absl::Status Preprocessor::Fill(const Image& image, const Placement& placement, T* row) const {
  if (placement.x.count != options_.width || placement.y.count != options_.height) {
    Pad(row);
  }
  return Resample(
      image, placement.x, placement.y,
      options_.color == ColorOrder::kGray ? ResampleChannels::kGray : ResampleChannels::kRgb,
      [&](int y, const uint8_t* pixels) { WriteRow(pixels, y, placement, row); });
}

absl::StatusOr<Geometry> Preprocessor::Run(const Image& image, void* row) const {
  const Placement placement = Place(image);
  switch (engine::ElementSize(options_.type)) {
    case 4:
      DNND_RETURN_IF_ERROR(Fill(image, placement, static_cast<uint32_t*>(row)));
      break;
    case 2:
      DNND_RETURN_IF_ERROR(Fill(image, placement, static_cast<uint16_t*>(row)));
      break;
    default:
      DNND_RETURN_IF_ERROR(Fill(image, placement, static_cast<uint8_t*>(row)));
      break;
  }
  Geometry geometry;
  geometry.source_width = image.width();
  geometry.source_height = image.height();
  geometry.scale_x = static_cast<double>(placement.x.target) / image.width();
  geometry.scale_y = static_cast<double>(placement.y.target) / image.height();
  geometry.offset_x = static_cast<double>(placement.left - placement.x.begin);
  geometry.offset_y = static_cast<double>(placement.top - placement.y.begin);
  return geometry;
}

}  // namespace dnnd::server
