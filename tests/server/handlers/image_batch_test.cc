#include "server/handlers/image_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

#include "server/handlers/errors.h"
#include "tests/testing/image_files.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::SolidPng;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kMaxPixels = 10'000;

class ImageBatchTest : public ::testing::Test {
 protected:
  ImageBatchTest() { call_.cancellation = std::make_shared<Cancellation>(); }

  // The bytes of all rows.
  absl::StatusOr<std::string> Prepare(std::vector<ImageInput> images) {
    PreprocessOptions options;
    options.width = 2;
    options.height = 1;
    options.resize = ResizeMode::kStretch;
    options.layout = TensorLayout::kNhwc;
    options.type = engine::DataType::kUint8;
    batch_ = std::make_shared<ImageBatch>(std::move(images), Preprocessor::Create(options).value(),
                                          ImageBatch::Options{kMaxPixels, call_});
    std::latch ready(1);
    absl::StatusOr<std::string> bytes = absl::UnknownError("");
    batch_->Start(workers_, [&](const absl::StatusOr<engine::TensorView>& tensor) {
      if (tensor.ok()) {
        bytes = std::string(static_cast<const char*>(tensor->raw()), tensor->num_bytes());
      } else {
        bytes = tensor.status();
      }
      ready.count_down();
    });
    ready.wait();
    return bytes;
  }

  Call call_;
  std::shared_ptr<ImageBatch> batch_;
  WorkerPool workers_{2};
};

TEST_F(ImageBatchTest, PutsEachPictureIntoItsRow) {
  const std::string red = SolidPng(5, 4, 255, 0, 0);
  const std::string grey = "\x7f\x7f";
  const auto rows = Prepare({EncodedInput{red}, RawInput{2, 1, RawFormat::kGray, grey}});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(*rows, std::string("\xff\0\0\xff\0\0\x7f\x7f\x7f\x7f\x7f\x7f", 12));
  EXPECT_EQ(batch_->geometries()[0].source_width, 5);
}

TEST_F(ImageBatchTest, TakesAPictureThatSomebodyElseDecoded) {
  const std::string red = SolidPng(5, 4, 255, 0, 0);
  const auto picture = std::make_shared<SharedPicture>();
  picture->size = {5, 4};
  picture->image = DecodeInput(EncodedInput{red}, kMaxPixels).value();
  ASSERT_THAT(Prepare({EncodedInput{red}, SharedInput{picture}}), IsOk());
  const auto rows = Prepare({SharedInput{picture}});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(*rows, std::string("\xff\0\0\xff\0\0", 6));
  EXPECT_EQ(batch_->geometries()[0].source_height, 4);
  EXPECT_EQ(batch_->times().decode, absl::ZeroDuration());
}

TEST_F(ImageBatchTest, HasAnAxisForPicturesUnlessTheModelTakesOneAlone) {
  PreprocessOptions options;
  options.width = 2;
  options.height = 1;
  options.resize = ResizeMode::kStretch;
  for (const TensorLayout layout : {TensorLayout::kNchw, TensorLayout::kNhwc}) {
    options.layout = layout;
    const std::string png = SolidPng(5, 4, 1, 2, 3);
    const auto type = [&](bool has_batch_axis) {
      return ImageBatch({EncodedInput{png}}, Preprocessor::Create(options).value(),
                        {kMaxPixels, call_, {}, has_batch_axis})
          .type();
    };
    const bool first = layout == TensorLayout::kNchw;
    EXPECT_EQ(type(true).shape, first ? engine::Shape({1, 3, 1, 2}) : engine::Shape({1, 1, 2, 3}));
    EXPECT_EQ(type(false).shape, first ? engine::Shape({3, 1, 2}) : engine::Shape({1, 2, 3}));
  }
}

TEST_F(ImageBatchTest, FailsWithTheFirstBadPicture) {
  const std::string good = SolidPng(5, 4, 1, 2, 3);
  const std::string bad = good.substr(0, 50);
  for (int i = 0; i < 20; ++i) {  // whatever the order in which workers come to it
    EXPECT_THAT(Prepare({EncodedInput{good}, EncodedInput{bad}, EncodedInput{bad}}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("images[1]")));
  }
}

TEST_F(ImageBatchTest, DecodesNothingThatNobodyWaitsFor) {
  call_.cancellation->Cancel();
  EXPECT_THAT(Prepare({EncodedInput{"this is never looked at"}}).status(),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("client")));
}

TEST_F(ImageBatchTest, LetsGoOfItselfWhenItIsThrough) {
  ASSERT_THAT(Prepare({RawInput{1, 1, RawFormat::kGray, "x"}}), IsOk());
  const std::weak_ptr<ImageBatch> watched = batch_;
  batch_.reset();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (!watched.expired() && absl::Now() < end) {
    std::this_thread::yield();  // the worker's own hold goes a moment after `ready`
  }
  EXPECT_TRUE(watched.expired());
}

TEST(CheckImages, LeavesTheBytesOfASharedPictureToWhoSharesIt) {
  const auto picture = std::make_shared<SharedPicture>();
  picture->size = {30, 20};  // and no pixels yet
  const auto facts = CheckImages({SharedInput{picture}}, kMaxPixels, 1);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->received + facts->largest_decoded, 0);
  EXPECT_EQ(facts->sizes.front().height, 20);
}

TEST(CheckImages, CountsWhatAllOfThemHoldFromTheirHeadersAlone) {
  const std::string header = testing::PngHeader(20, 10);
  const auto bytes = CheckImages({EncodedInput{header}, EncodedInput{header}}, kMaxPixels, 2);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(bytes->received, 2 * header.size());
  EXPECT_EQ(bytes->largest_decoded, 20 * 10 * 3);
  EXPECT_EQ(
      ReasonOf(CheckImages({EncodedInput{header}, EncodedInput{header}}, kMaxPixels, 1).status()),
      kReasonTooManyImages);
  EXPECT_EQ(ReasonOf(CheckImages({EncodedInput{header}}, 199, 1).status()),
            kReasonImageTooManyPixels);
  EXPECT_EQ(ReasonOf(CheckImages({std::monostate()}, 199, 1).status()), kReasonInvalidRequest);
  EXPECT_EQ(ReasonOf(CheckImages({}, 199, 1).status()), kReasonInvalidRequest);
}

}  // namespace
}  // namespace dnnd::server
