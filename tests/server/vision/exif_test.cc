#include "server/vision/exif.h"

#include <gtest/gtest.h>

#include <string>

namespace dnnd::server {
namespace {

// A directory of one SHORT entry, in either byte order.
std::string Tiff(bool little_endian, int tag, int type, int value) {
  auto number = [&](int v, int bytes) {
    std::string out(bytes, '\0');
    for (int i = 0; i < bytes; ++i) {
      out[little_endian ? i : bytes - 1 - i] = static_cast<char>(v >> (8 * i));
    }
    return out;
  };
  return std::string(little_endian ? "II" : "MM") + number(42, 2) + number(8, 4) + number(1, 2) +
         number(tag, 2) + number(type, 2) + number(1, 4) + number(value, 2) + number(0, 2) +
         number(0, 4);
}

TEST(OrientationFromExif, ReadsBothByteOrders) {
  EXPECT_EQ(OrientationFromExif(Tiff(true, 0x112, 3, 6)), Orientation::kRotated90);
  EXPECT_EQ(OrientationFromExif(Tiff(false, 0x112, 3, 8)), Orientation::kRotated270);
}

TEST(OrientationFromExif, TakesWhatItDoesNotUnderstandAsUpright) {
  EXPECT_EQ(OrientationFromExif(""), Orientation::kUpright);
  EXPECT_EQ(OrientationFromExif("XX"), Orientation::kUpright);
  EXPECT_EQ(OrientationFromExif(Tiff(true, 0x112, 3, 0)), Orientation::kUpright);
  EXPECT_EQ(OrientationFromExif(Tiff(true, 0x112, 3, 9)), Orientation::kUpright);
  EXPECT_EQ(OrientationFromExif(Tiff(true, 0x112, 4, 6)), Orientation::kUpright);
  EXPECT_EQ(OrientationFromExif(Tiff(true, 0x113, 3, 6)), Orientation::kUpright);
}

TEST(OrientationFromExif, NeverReadsOutsideItsBytes) {
  const std::string tiff = Tiff(true, 0x112, 3, 6);
  for (size_t size = 0; size < tiff.size(); ++size) {
    // An exact allocation, so that a sanitizer sees a read behind it.
    const std::string cut(tiff, 0, size);
    OrientationFromExif(absl::string_view(cut.data(), cut.size()));
  }
  std::string far = tiff;
  far.replace(4, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(OrientationFromExif(far), Orientation::kUpright);
  std::string many = tiff;
  many.replace(8, 2, "\xff\xff");
  many[10] = 0;
  EXPECT_EQ(OrientationFromExif(many), Orientation::kUpright);
}

}  // namespace
}  // namespace dnnd::server
