#include "server/vision/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/image_files.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::GradientJpeg;
using ::dnnd::testing::ImageReference;
using ::dnnd::testing::ImageReferences;
using ::dnnd::testing::PngHeader;
using ::dnnd::testing::SolidPng;
using ::testing::HasSubstr;

constexpr int64_t kMaxPixels = 50'000'000;

std::string Pixels(const Image& image) {
  return {reinterpret_cast<const char*>(image.row(0)),
          static_cast<size_t>(image.row_bytes() * image.height())};
}

TEST(DecodeImage, GivesTheBitsThatPillowGives) {
  const auto references = ImageReferences("decode");
  if (references.empty()) {
    GTEST_SKIP() << "python3-pil is not installed";
  }
  for (const ImageReference& reference : references) {
    SCOPED_TRACE(reference.name());
    const auto image = DecodeImage(reference.file(".file"), kMaxPixels);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_EQ(image->width(), reference.number(2));
    EXPECT_EQ(image->height(), reference.number(3));
    EXPECT_TRUE(Pixels(*image) == reference.file(".rgb")) << "pixels differ";
  }
}

TEST(DecodeImage, RefusesEveryFileThatIsCutOff) {
  for (const std::string& file : {GradientJpeg(40, 30), SolidPng(40, 30, 10, 20, 30)}) {
    const bool jpeg = file[0] == '\xff';
    // A PNG file's last chunk says nothing; without it every pixel is there.
    const size_t needed = jpeg ? file.size() - 1 : file.size() - 12 - 4;
    for (size_t size = 0; size < needed; ++size) {
      const auto image = DecodeImage(file.substr(0, size), kMaxPixels);
      EXPECT_EQ(image.status().code(), absl::StatusCode::kInvalidArgument)
          << (jpeg ? "JPEG" : "PNG") << " of " << size << " bytes";
    }
  }
}

TEST(DecodeImage, SurvivesEveryFlippedByte) {
  for (const std::string& file : {GradientJpeg(16, 16), SolidPng(16, 16, 10, 20, 30)}) {
    for (size_t at = 0; at < file.size(); ++at) {
      std::string broken = file;
      broken[at] = static_cast<char>(broken[at] ^ 0xff);
      const auto image = DecodeImage(broken, kMaxPixels);  // either way, but no crash
      EXPECT_TRUE(image.ok() || absl::IsInvalidArgument(image.status()) ||
                  absl::IsOutOfRange(image.status()))
          << image.status();
    }
  }
}

TEST(DecodeImage, RefusesWhatIsNoPictureNamingWhatWasGot) {
  EXPECT_THAT(DecodeImage("", kMaxPixels).status().message(), HasSubstr("0 bytes"));
  EXPECT_THAT(DecodeImage("GIF89a", kMaxPixels).status().message(),
              HasSubstr("neither a JPEG nor a PNG"));
}

TEST(DecodeImage, RefusesTooManyPixelsFromTheHeaderAlone) {
  const auto image = DecodeImage(PngHeader(30000, 30000), kMaxPixels);
  EXPECT_EQ(image.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(image.status().message(), HasSubstr("30000 x 30000"));
  EXPECT_THAT(image.status().message(), HasSubstr("at most 50000000"));
}

TEST(DecodeImage, RefusesSidesAndSizesAtTheEdges) {
  EXPECT_EQ(DecodeImage(PngHeader(0, 5), kMaxPixels).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeImage(PngHeader(0xffffffff, 0xffffffff), kMaxPixels).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(DecodeImage(PngHeader(65536, 1), kMaxPixels).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(DecodeImage(SolidPng(10, 10, 1, 2, 3), 100).ok());
  EXPECT_FALSE(DecodeImage(SolidPng(10, 10, 1, 2, 3), 99).ok());
}

TEST(DecodeImage, AcceptsStrayBytesBetweenSegmentsThatCamerasLeave) {
  std::string file = GradientJpeg(20, 20);
  file.insert(20, std::string(3, '\x01'));  // behind the first segment
  const auto image = DecodeImage(file, kMaxPixels);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_FALSE(DecodeImage(file.substr(0, file.size() - 60), kMaxPixels).ok());
}

TEST(ImageFromRaw, OrdersChannelsAndChecksTheLength) {
  const std::string pixels = "\x01\x02\x03\x04\x05\x06";
  EXPECT_EQ(Pixels(*ImageFromRaw(2, 1, RawFormat::kRgb, pixels, kMaxPixels)), pixels);
  EXPECT_EQ(Pixels(*ImageFromRaw(2, 1, RawFormat::kBgr, pixels, kMaxPixels)),
            "\x03\x02\x01\x06\x05\x04");
  EXPECT_EQ(Pixels(*ImageFromRaw(2, 1, RawFormat::kGray, "\x07\x08", kMaxPixels)),
            "\x07\x07\x07\x08\x08\x08");
  EXPECT_THAT(ImageFromRaw(2, 2, RawFormat::kRgb, pixels, kMaxPixels).status().message(),
              HasSubstr("got 6 bytes of pixels, want 2 x 2 x 3 = 12"));
  EXPECT_FALSE(ImageFromRaw(-1, 2, RawFormat::kRgb, pixels, kMaxPixels).ok());
  EXPECT_FALSE(
      ImageFromRaw(int64_t{1} << 40, int64_t{1} << 40, RawFormat::kRgb, pixels, kMaxPixels).ok());
}

}  // namespace
}  // namespace dnnd::server
