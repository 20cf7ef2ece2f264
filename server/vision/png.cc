#include "server/vision/png.h"

#include <png.h>

#include <csetjmp>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

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
    if (png_ != nullptr) {
      png_destroy_read_struct(&png_, &info_, nullptr);
    }
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool valid() const { return info_ != nullptr; }
  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t height() const { return png_get_image_height(png_, info_); }
  const char* error() const { return error_; }

  // Reads everything before the pixels and asks for 8-bit RGB. False: see error().
  bool Start() {
    if (setjmp(png_jmpbuf(png_)) != 0) {
      return false;
    }
    png_set_read_fn(png_, this, &OnRead);
    png_set_user_limits(png_, kMaxSidePixels, kMaxSidePixels);
    png_set_chunk_cache_max(png_, kMaxCachedChunks);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    // Profiles and texts may be compressed: not even looked at.
    static constexpr png_byte kIgnored[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0hIST\0eXIf";
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kIgnored, sizeof(kIgnored) / 5);
    png_read_info(png_, info_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool ReadPixels(Image& image) {
    if (setjmp(png_jmpbuf(png_)) != 0) {
      return false;
    }
    if (png_get_rowbytes(png_, info_) != static_cast<size_t>(image.row_bytes())) {
      png_error(png_, "its pixels are not RGB");
    }
    for (int pass = 0; pass < passes_; ++pass) {
      for (int y = 0; y < image.height(); ++y) {
        png_read_row(png_, image.mutable_row(y), nullptr);
      }
    }
    return true;
  }

 private:
  static void OnRead(png_structp png, png_bytep destination, size_t size) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self->rest_.size()) {
      png_error(png, "it ends too early");
    }
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

absl::Status Undecodable(const PngReader& reader) {
  return absl::InvalidArgumentError(
      absl::StrCat("the PNG file cannot be decoded: ", reader.error()));
}

}  // namespace

absl::StatusOr<Image> DecodePng(absl::string_view encoded, int64_t max_pixels) {
  PngReader reader(encoded);
  if (!reader.valid()) {
    return absl::ResourceExhaustedError("no memory for a PNG decoder");
  }
  if (!reader.Start()) {
    return Undecodable(reader);
  }
  DNND_RETURN_IF_ERROR(CheckImageSize(reader.width(), reader.height(), max_pixels));
  DNND_ASSIGN_OR_RETURN(Image image, Image::Create(static_cast<int>(reader.width()),
                                                   static_cast<int>(reader.height())));
  if (!reader.ReadPixels(image)) {
    return Undecodable(reader);
  }
  return image;
}

}  // namespace dnnd::server
