#include "server/vision/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/testing/image_files.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::ImageReference;
using ::dnnd::testing::ImageReferences;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMaxPixels = 50'000'000;

Image FromRgb(int width, int height, const std::string& pixels) {
  return ImageFromRaw(width, height, RawFormat::kRgb, pixels, kMaxPixels).value();
}

// Bytes in, bytes out: what is left is the resizing.
PreprocessOptions Bytes(int width, int height, ResizeMode resize) {
  PreprocessOptions options;
  options.width = width;
  options.height = height;
  options.resize = resize;
  options.layout = TensorLayout::kNhwc;
  options.type = engine::DataType::kUint8;
  return options;
}

std::string RunBytes(const PreprocessOptions& options, const Image& image,
                     Geometry* geometry = nullptr) {
  const Preprocessor preprocessor = Preprocessor::Create(options).value();
  std::string row(preprocessor.row_bytes(), '\x55');
  const Geometry found = preprocessor.Run(image, row.data()).value();
  if (geometry != nullptr) {
    *geometry = found;
  }
  return row;
}

std::vector<float> RunFloats(PreprocessOptions options, const Image& image) {
  options.type = engine::DataType::kFloat32;
  const Preprocessor preprocessor = Preprocessor::Create(options).value();
  std::vector<float> row(preprocessor.row_bytes() / sizeof(float));
  EXPECT_TRUE(preprocessor.Run(image, row.data()).ok());
  return row;
}

TEST(Preprocessor, StretchesToTheBitAsPillowDoes) {
  const auto references = ImageReferences("resize");
  if (references.empty()) {
    GTEST_SKIP() << "python3-pil is not installed";
  }
  for (const ImageReference& reference : references) {
    SCOPED_TRACE(reference.name());
    const Image image = FromRgb(reference.number(3), reference.number(4), reference.file(".rgb"));
    PreprocessOptions options =
        Bytes(reference.number(5), reference.number(6), ResizeMode::kStretch);
    options.color = reference.words[2] == "L" ? ColorOrder::kGray : ColorOrder::kRgb;
    EXPECT_TRUE(RunBytes(options, image) == reference.file(".out")) << "pixels differ";
  }
}

TEST(Preprocessor, ResizesTheShorterSideAndCropsTheMiddleAsTorchvisionDoes) {
  const auto references = ImageReferences("crop");
  if (references.empty()) {
    GTEST_SKIP() << "python3-pil is not installed";
  }
  for (const ImageReference& reference : references) {
    SCOPED_TRACE(reference.name());
    const Image image = FromRgb(reference.number(2), reference.number(3), reference.file(".rgb"));
    PreprocessOptions options =
        Bytes(reference.number(5), reference.number(6), ResizeMode::kShorterSideCrop);
    options.shorter_side = reference.number(4);
    EXPECT_TRUE(RunBytes(options, image) == reference.file(".out")) << "pixels differ";
  }
}

TEST(Preprocessor, NormalisesInTheModelsChannelOrder) {
  const Image image = FromRgb(2, 1, "\x01\x02\x03\x04\x05\x06");
  PreprocessOptions options = Bytes(2, 1, ResizeMode::kStretch);
  options.scale = 2.0;
  options.mean = {1.0f, 2.0f, 3.0f};
  options.std = {1.0f, 2.0f, 4.0f};
  EXPECT_THAT(RunFloats(options, image), ElementsAre(1, 1, 0.75f, 7, 4, 2.25f));
  options.layout = TensorLayout::kNchw;
  EXPECT_THAT(RunFloats(options, image), ElementsAre(1, 7, 1, 4, 0.75f, 2.25f));
  options.color = ColorOrder::kBgr;
  EXPECT_THAT(RunFloats(options, image), ElementsAre(5, 11, 1, 4, -0.25f, 1.25f));
}

TEST(Preprocessor, WritesEveryElementTypeOfAPicture) {
  const Image image = FromRgb(1, 1, "\x80\x80\x80");
  PreprocessOptions options = Bytes(1, 1, ResizeMode::kStretch);
  options.color = ColorOrder::kGray;
  options.scale = 2.0;
  const auto run = [&](engine::DataType type) {
    options.type = type;
    return RunBytes(options, image);
  };
  EXPECT_EQ(run(engine::DataType::kFloat32), std::string("\0\0\x80\x43", 4));  // 256
  EXPECT_EQ(run(engine::DataType::kFloat16), std::string("\0\x5c", 2));
  EXPECT_EQ(run(engine::DataType::kBFloat16), std::string("\x80\x43", 2));
  EXPECT_EQ(run(engine::DataType::kUint8), "\xff");  // saturated
  EXPECT_EQ(run(engine::DataType::kInt8), "\x7f");
  options.type = engine::DataType::kInt64;
  EXPECT_EQ(Preprocessor::Create(options).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(Preprocessor, LetterboxesAndSaysHowToGetBack) {
  const Image image = FromRgb(4, 2, std::string(24, '\x09'));
  PreprocessOptions options = Bytes(6, 6, ResizeMode::kLetterbox);
  options.color = ColorOrder::kGray;
  options.pad_value = 7;
  Geometry geometry;
  const std::string pad(6, '\x07');
  const std::string picture(6, '\x09');
  EXPECT_EQ(RunBytes(options, image, &geometry), pad + picture + picture + picture + pad + pad);
  EXPECT_EQ(geometry.ToSourceY(1.0), 0.0);
  EXPECT_EQ(geometry.ToSourceY(4.0), 2.0);
  EXPECT_EQ(geometry.ToSourceX(6.0), 4.0);
  options.anchor = LetterboxAnchor::kTopLeft;
  EXPECT_EQ(RunBytes(options, image, &geometry), picture + picture + picture + pad + pad + pad);
  EXPECT_EQ(geometry.ToSourceY(3.0), 2.0);
}

TEST(Preprocessor, MapsTheMiddleOfACropToTheMiddleOfThePicture) {
  const Image image = FromRgb(100, 50, std::string(15000, '\x01'));
  PreprocessOptions options = Bytes(10, 10, ResizeMode::kShorterSideCrop);
  options.shorter_side = 10;
  Geometry geometry;
  RunBytes(options, image, &geometry);
  EXPECT_EQ(geometry.source_width, 100);
  EXPECT_EQ(geometry.ToSourceX(5.0), 50.0);
  EXPECT_EQ(geometry.ToSourceY(0.0), 0.0);
  EXPECT_EQ(geometry.ToSourceY(10.0), 50.0);
}

TEST(Preprocessor, TakesAPictureOfOnePixelsWidth) {
  const Image image = FromRgb(1, 65535, std::string(3 * 65535, '\x2a'));
  PreprocessOptions options = Bytes(8, 8, ResizeMode::kShorterSideCrop);
  options.shorter_side = 256;
  EXPECT_EQ(RunBytes(options, image), std::string(192, '\x2a'));
  options.resize = ResizeMode::kStretch;
  EXPECT_EQ(RunBytes(options, image), std::string(192, '\x2a'));
  options.resize = ResizeMode::kLetterbox;
  EXPECT_EQ(RunBytes(options, image).size(), 192u);
}

TEST(Preprocessor, RefusesOptionsThatCannotBeNamingThem) {
  const auto error = [](auto change) {
    PreprocessOptions options = Bytes(8, 8, ResizeMode::kStretch);
    change(options);
    const auto status = Preprocessor::Create(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(error([](auto& o) { o.width = 0; }), HasSubstr("0 x 8"));
  EXPECT_THAT(error([](auto& o) { o.height = 1 << 20; }), HasSubstr("1 to 16384"));
  EXPECT_THAT(error([](auto& o) {
                o.resize = ResizeMode::kShorterSideCrop;
                o.shorter_side = 7;
              }),
              HasSubstr("got shorter_side 7, want 8"));
  EXPECT_THAT(error([](auto& o) { o.mean = {1, 2}; }), HasSubstr("got 2 means"));
  EXPECT_THAT(error([](auto& o) { o.std = {0}; }), HasSubstr("not 0"));
  EXPECT_THAT(error([](auto& o) { o.scale = NAN; }), HasSubstr("finite"));
}

}  // namespace
}  // namespace dnnd::server
