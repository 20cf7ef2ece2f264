#include <png.h>

#include <csetjmp>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/draw/png.h"

namespace dnnd::client {
namespace {

// Chunks that are kept or inflated have no use here; these bound what a hostile file can make
// libpng hold.
constexpr png_alloc_size_t kMaxChunkBytes = 1 << 20;
constexpr int kMaxCachedChunks = 16;

// libpng reports errors by longjmp. Invariant: no object with a destructor is made between a setjmp
// and the calls that may jump, and what is read after a jump is a member, not a local.
class PngReader {
 public:
  explicit PngReader(absl::string_view encoded) : rest_(encoded) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &OnError, &OnWarning);
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
  }
  ~PngReader() {
    if (png_ != nullptr) png_destroy_read_struct(&png_, &info_, nullptr);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool valid() const { return info_ != nullptr; }
  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t height() const { return png_get_image_height(png_, info_); }
  absl::Status Broken() const {
    return absl::InvalidArgumentError(absl::StrCat("the PNG file cannot be decoded: ", error_));
  }

  // Reads everything before the pixels and asks for RGB, or for one byte a pixel. False: Broken().
  bool Start(bool as_mask) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, &OnRead);
    png_set_user_limits(png_, kMaxSidePixels, kMaxSidePixels);
    png_set_chunk_cache_max(png_, kMaxCachedChunks);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    // Profiles and texts may be compressed: not even looked at.
    static constexpr png_byte kIgnored[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0hIST\0eXIf";
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kIgnored, sizeof(kIgnored) / 5);
    png_read_info(png_, info_);
    if (as_mask) {
      AskForBytes();
    } else {
      AskForRgb();
    }
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  // `first_row` holds height() rows of `row_bytes`. False: Broken().
  bool ReadPixels(uint8_t* first_row, int64_t row_bytes) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    if (png_get_rowbytes(png_, info_) != static_cast<size_t>(row_bytes)) {
      png_error(png_, "its pixels are of another kind");
    }
    for (int pass = 0; pass < passes_; ++pass) {
      for (int64_t y = 0; y < height(); ++y) {
        png_read_row(png_, first_row + y * row_bytes, nullptr);
      }
    }
    return true;
  }

 private:
  void AskForRgb() {
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
  }

  void AskForBytes() {
    const png_byte kind = png_get_color_type(png_, info_);
    if (kind == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) <= 8) {
      png_set_expand_gray_1_2_4_to_8(png_);
    } else if (kind == PNG_COLOR_TYPE_PALETTE) {
      png_set_packing(png_);
    } else {
      png_error(png_, "a mask has a palette or 8 bits of grey");
    }
  }

  static void OnRead(png_structp png, png_bytep destination, size_t size) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self->rest_.size()) png_error(png, "it ends too early");
    std::memcpy(destination, self->rest_.data(), size);
    self->rest_.remove_prefix(size);
  }

  [[noreturn]] static void OnError(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->error_, message, sizeof(self->error_) - 1);
    png_longjmp(png, 1);
  }

  static void OnWarning(png_structp, png_const_charp) {}

  absl::string_view rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
  char error_[128] = {};
};

}  // namespace

absl::StatusOr<Picture> DecodePng(absl::string_view encoded) {
  PngReader reader(encoded);
  if (!reader.valid()) return absl::ResourceExhaustedError("no memory for a PNG decoder");
  if (!reader.Start(/*as_mask=*/false)) return reader.Broken();
  absl::StatusOr<Picture> picture = Picture::Create(reader.width(), reader.height());
  if (!picture.ok()) return picture;
  if (!reader.ReadPixels(picture->mutable_row(0), picture->row_bytes())) return reader.Broken();
  return picture;
}

absl::StatusOr<Mask> DecodePngMask(absl::string_view encoded) {
  PngReader reader(encoded);
  if (!reader.valid()) return absl::ResourceExhaustedError("no memory for a PNG decoder");
  if (!reader.Start(/*as_mask=*/true)) return reader.Broken();
  absl::StatusOr<Mask> mask = EmptyMask(reader.width(), reader.height());
  if (!mask.ok()) return mask;
  auto* values = reinterpret_cast<uint8_t*>(mask->values.data());
  if (!reader.ReadPixels(values, mask->width)) return reader.Broken();
  return mask;
}

}  // namespace dnnd::client
