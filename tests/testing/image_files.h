// Pictures for tests: bytes of files, and what Pillow says of them (image_reference.py).
#ifndef DNND_TESTS_TESTING_IMAGE_FILES_H_
#define DNND_TESTS_TESTING_IMAGE_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace dnnd::testing {

// The bytes of a file; empty when there is none.
std::string ReadFile(const std::string& path);

// A PNG file of `width` x `height` pixels of one colour, made by hand: valid to the last checksum.
std::string SolidPng(int width, int height, uint8_t red, uint8_t green, uint8_t blue);

// The first bytes of a PNG file that claims to have this size; no pixels follow.
std::string PngHeader(uint32_t width, uint32_t height);

// A JPEG file of a few colours, quality 90.
std::string GradientJpeg(int width, int height);

// One line of image_reference.py, split at the blanks, and the folder of its files.
struct ImageReference {
  std::vector<std::string> words;
  std::string folder;

  const std::string& name() const { return words[1]; }
  int number(int word) const { return std::stoi(words[word]); }
  std::string file(const std::string& ending) const {
    return ReadFile(folder + "/" + name() + ending);
  }
};

// The cases of one kind ("decode", "resize", "crop"). Runs the script at the first call; no case at
// all when Pillow is not installed.
std::vector<ImageReference> ImageReferences(const std::string& kind);

}  // namespace dnnd::testing

#endif  // DNND_TESTS_TESTING_IMAGE_FILES_H_
