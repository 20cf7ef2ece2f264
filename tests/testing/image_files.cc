#include "tests/testing/image_files.h"

#include <png.h>
#include <turbojpeg.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_split.h"

namespace dnnd::testing {

namespace {

void AppendBytes(png_structp png, png_bytep data, size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(data), size);
}

// A folder that lives as long as the process.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "dnnd-images-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<ImageReference> RunReference() {
  static const TemporaryFolder folder;
  const std::string command =
      "/usr/bin/python3 " DNND_TESTS_DIR "/testing/image_reference.py " + folder.path();
  std::vector<ImageReference> references;
  FILE* output = popen(command.c_str(), "r");
  char line[512];
  while (output != nullptr && fgets(line, sizeof(line), output) != nullptr) {
    references.push_back(
        {absl::StrSplit(line, absl::ByAnyChar(" \n"), absl::SkipEmpty()), folder.path()});
  }
  if (output == nullptr || pclose(output) != 0) {
    references.clear();
  }
  return references;
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string SolidPng(int width, int height, uint8_t red, uint8_t green, uint8_t blue) {
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &bytes, &AppendBytes, nullptr);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<uint8_t> row;
  for (int x = 0; x < width; ++x) {
    row.insert(row.end(), {red, green, blue});
  }
  for (int y = 0; y < height; ++y) {
    png_write_row(png, row.data());
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

std::string PngHeader(uint32_t width, uint32_t height) {
  std::string bytes = SolidPng(1, 1, 0, 0, 0).substr(0, 33);
  for (int i = 0; i < 4; ++i) {
    bytes[16 + i] = static_cast<char>(width >> (24 - 8 * i));
    bytes[20 + i] = static_cast<char>(height >> (24 - 8 * i));
  }
  return bytes;
}

std::string GradientJpeg(int width, int height) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels.push_back(static_cast<uint8_t>(255 * x / width));
      pixels.push_back(static_cast<uint8_t>(255 * y / height));
      pixels.push_back(128);
    }
  }
  tjhandle encoder = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  tjCompress2(encoder, pixels.data(), width, 0, height, TJPF_RGB, &data, &size, TJSAMP_420, 90, 0);
  std::string bytes(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(encoder);
  return bytes;
}

std::vector<ImageReference> ImageReferences(const std::string& kind) {
  static const std::vector<ImageReference> all = RunReference();
  std::vector<ImageReference> chosen;
  for (const ImageReference& reference : all) {
    if (reference.words[0] == kind) {
      chosen.push_back(reference);
    }
  }
  return chosen;
}

}  // namespace dnnd::testing
