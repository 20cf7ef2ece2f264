// Hostile pictures: whatever comes, decoding returns a status, and pixels that are there are all
// there.
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "server/vision/decode.h"
#include "server/vision/exif.h"
#include "server/vision/header.h"
#include "tests/fuzz/fuzz_loop.h"
#include "tests/testing/image_files.h"

namespace dnnd::server {
namespace {

constexpr int64_t kMostPixels = 1 << 16;

// The sum of every byte of the pixels, so that each one is read.
uint64_t Sum(const Image& image) {
  uint64_t sum = 0;
  for (int y = 0; y < image.height(); ++y) {
    sum = std::accumulate(image.row(y), image.row(y) + image.row_bytes(), sum);
  }
  return sum;
}

TEST(FuzzPictures, DecodingNeverCrashesAndKeepsItsBounds) {
  const std::vector<std::string> seeds = {testing::GradientJpeg(40, 24),
                                          testing::GradientJpeg(17, 33), testing::PngHeader(8, 8),
                                          testing::SolidPng(16, 12, 200, 100, 50)};
  uint64_t sum = 0;
  const testing::FuzzCounts counts = testing::Fuzz(seeds, [&](const std::string& bytes) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(bytes);
    const absl::StatusOr<Image> image = DecodeImage(bytes, kMostPixels);
    if (!image.ok()) {
      return false;
    }
    EXPECT_TRUE(header.ok()) << "a picture without a header was decoded";
    EXPECT_LE(int64_t{image->width()} * image->height(), kMostPixels);
    sum += Sum(*image);
    return true;
  });
  EXPECT_GT(counts.accepted, 0);
  EXPECT_LT(counts.accepted, counts.tried);
  EXPECT_GT(sum, 0u);
}

TEST(FuzzPictures, OddMetadataIsUpright) {
  // Little- and big-endian TIFF with one entry: orientation 6.
  const std::string little("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26);
  const std::string big("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 26);
  const testing::FuzzCounts counts = testing::Fuzz({little, big}, [](const std::string& bytes) {
    const auto orientation = static_cast<int>(OrientationFromExif(bytes));
    EXPECT_GE(orientation, 1);
    EXPECT_LE(orientation, 8);
    return orientation != 1;
  });
  EXPECT_GT(counts.accepted, 0);
}

}  // namespace
}  // namespace dnnd::server
