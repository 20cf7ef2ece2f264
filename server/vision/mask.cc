#include "server/vision/mask.h"

#include <png.h>

#include "absl/strings/str_cat.h"

namespace dnnd::server {
namespace {

// Appends one number as cocoapi's rleToString does: five bits a character, least first, the sixth
// says that more follow; the sign is that of the last one.
void AppendNumber(int64_t number, std::string* out) {
  bool more = true;
  while (more) {
    auto digit = static_cast<char>(number & 0x1f);
    number >>= 5;
    more = (digit & 0x10) != 0 ? number != -1 : number != 0;
    if (more) {
      digit = static_cast<char>(digit | 0x20);
    }
    out->push_back(static_cast<char>(digit + 48));
  }
}

// Writes runs of absent and present pixels, absent ones first, as they become known.
class RunWriter {
 public:
  void Add(bool present, int64_t pixels) {
    if (pixels > 0 && present != present_) {
      EndRun();
      present_ = present;
    }
    run_ += pixels;
  }

  std::string Finish() {
    EndRun();
    return std::string(text_);  // as long as it is: replies hold many
  }

 private:
  void EndRun() {
    int64_t& last_but_one = before_[count_ % 2];
    AppendNumber(count_ > 2 ? run_ - last_but_one : run_, &text_);
    last_but_one = run_;
    ++count_;
    run_ = 0;
  }

  std::string text_;
  bool present_ = false;
  int64_t run_ = 0;
  int64_t count_ = 0;
  std::array<int64_t, 2> before_ = {};
};

}  // namespace

std::array<int64_t, 256> CountValues(const Mask& mask) {
  std::array<int64_t, 256> counts = {};
  for (const uint8_t value : mask.values) {
    ++counts[value];
  }
  return counts;
}

std::array<uint8_t, 3> ClassColor(int index) {
  std::array<uint8_t, 3> color = {};
  for (int bit = 7; bit >= 0; --bit) {
    for (int channel = 0; channel < 3; ++channel) {
      color[channel] = static_cast<uint8_t>(color[channel] | ((index >> channel) & 1) << bit);
    }
    index >>= 3;
  }
  return color;
}

absl::StatusOr<std::string> EncodePng(const Mask& mask, bool with_palette) {
  std::array<uint8_t, 256 * 3> palette;
  for (int i = 0; i < 256; ++i) {
    const std::array<uint8_t, 3> color = ClassColor(i);
    std::copy(color.begin(), color.end(), palette.begin() + 3 * i);
  }
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(mask.width);
  image.height = static_cast<png_uint_32>(mask.height);
  image.format = with_palette ? PNG_FORMAT_RGB_COLORMAP : PNG_FORMAT_GRAY;
  image.colormap_entries = with_palette ? 256 : 0;
  const void* colormap = with_palette ? palette.data() : nullptr;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, mask.values.data(), mask.width,
                                colormap) == 0) {
    return absl::InternalError(absl::StrCat("cannot encode a mask as PNG: ", image.message));
  }
  // A copy: the room for the largest possible file has a byte and more for each pixel.
  return file.substr(0, size);
}

std::string EncodeRunLengths(const Mask& mask, uint8_t value) {
  return EncodeRunLengths(mask, value, {0, 0, mask.width, mask.height});
}

std::string EncodeRunLengths(const Mask& mask, uint8_t value, const MaskPlace& place) {
  RunWriter runs;
  runs.Add(false, int64_t{place.x} * place.picture_height);
  for (int x = 0; x < mask.width; ++x) {
    runs.Add(false, place.y);
    for (int64_t y = 0; y < mask.height; ++y) {
      runs.Add(mask.values[y * mask.width + x] == value, 1);
    }
    runs.Add(false, place.picture_height - place.y - mask.height);
  }
  runs.Add(false, int64_t{place.picture_width - place.x - mask.width} * place.picture_height);
  return runs.Finish();
}

}  // namespace dnnd::server
