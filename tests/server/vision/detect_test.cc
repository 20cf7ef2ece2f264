#include "server/vision/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "server/vision/run_size.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::IsEmpty;

// Gives what it was made with.
class PuppetHead final : public DetectionHead {
 public:
  explicit PuppetHead(Candidates candidates, bool resolves = false)
      : candidates_(std::move(candidates)), resolves_(resolves) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    *candidates = candidates_;
    return absl::OkStatus();
  }
  int64_t classes() const override { return 0; }
  bool resolves_overlaps() const override { return resolves_; }

 private:
  const Candidates candidates_;
  const bool resolves_;
};

// Each thing fills its box, or none of it.
class MaskHead : public DetectionHead {
 public:
  explicit MaskHead(Candidates candidates) : candidates_(std::move(candidates)) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    *candidates = candidates_;
    return absl::OkStatus();
  }
  int64_t classes() const override { return 0; }
  bool has_masks() const override { return true; }
  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
    return InstanceScores{{static_cast<float>(source)}, 1, 1, ScoreScale::kProbabilities, box};
  }

 private:
  const Candidates candidates_;
};

// Each thing has every other pixel of its box, at random.
class NoiseHead final : public MaskHead {
 public:
  using MaskHead::MaskHead;

  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
    std::mt19937 random(source);
    InstanceScores scores = {{}, 100, 200, ScoreScale::kProbabilities, box};
    for (int i = 0; i < 200 * 100; ++i) {
      scores.values.push_back(static_cast<float>(random() % 2));
    }
    return scores;
  }
};

// A picture of 200 x 100 in an input of 100 x 100, letterboxed in the middle.
Geometry Letterboxed() {
  Geometry geometry;
  geometry.source_width = 200;
  geometry.source_height = 100;
  geometry.scale_x = geometry.scale_y = 0.5;
  geometry.offset_y = 25;
  return geometry;
}

std::vector<Detection> Find(const Candidates& candidates, const DetectOptions& options,
                            bool resolves = false) {
  const auto found = Detect(PuppetHead(candidates, resolves), {}, 100, 100, Letterboxed(), options);
  EXPECT_THAT(found, IsOk());
  return *found;
}

// Things of the whole picture each; the first and every second one after it have no pixels.
Candidates Whole(int count) {
  Candidates candidates;
  for (int i = 0; i < count; ++i) {
    candidates.items.push_back({{0, 25, 100, 75}, 0.9f - 0.01f * static_cast<float>(i), i, i % 2});
  }
  return candidates;
}

size_t CountMasks(const std::vector<Detection>& detections) {
  return std::count_if(detections.begin(), detections.end(),
                       [](const Detection& detection) { return detection.mask.has_value(); });
}

TEST(DetectTest, MakesMasksOfWhatIsKeptUpToABound) {
  DetectOptions options;
  const MaskHead head(Whole(20));
  const auto plain = Detect(head, {}, 100, 100, Letterboxed(), options);
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(CountMasks(*plain), 0u);
  options.masks = InstanceMaskFormat::kRunLengths;
  for (const int most : {16, 2}) {
    options.masked_pictures = most;
    const auto found = Detect(head, {}, 100, 100, Letterboxed(), options);
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->size(), 20u);
    EXPECT_EQ((*found)[0].mask->pixels, 0);
    EXPECT_EQ((*found)[1].mask->pixels, 200 * 100);
    EXPECT_TRUE((*found)[most - 1].mask.has_value());
    EXPECT_FALSE((*found)[most].mask.has_value());
  }
}

TEST(DetectTest, SharesTheMasksOfARequestAmongItsPictures) {
  EXPECT_EQ(MaskedPicturesOf(0), 16);
  EXPECT_EQ(MaskedPicturesOf(16'000'000), 16);
  EXPECT_EQ(MaskedPicturesOf(kMostMaskPixels / 4), 4);
  EXPECT_EQ(MaskedPicturesOf(kMostMaskPixels), 2);
  EXPECT_EQ(MaskedPicturesOf(int64_t{1} << 60), 2);
}

TEST(DetectTest, BoundsTheBytesOfMasks) {
  DetectOptions options;
  options.masks = InstanceMaskFormat::kPng;
  options.max_detections = 10;
  const auto found = Detect(NoiseHead(Whole(10)), {}, 100, 100, Letterboxed(), options);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 10u);
  int64_t bytes = 0;
  for (const Detection& detection : *found) {
    bytes += detection.mask.has_value() ? static_cast<int64_t>(detection.mask->png.size()) : 0;
  }
  EXPECT_GT(CountMasks(*found), 0u);
  EXPECT_LT(CountMasks(*found), 10u);
  EXPECT_LE(bytes, MostMaskBytes(200 * 100, 10));
}

TEST(DetectTest, MakesNoMoreMasksOnceNobodyWaits) {
  DetectOptions options;
  options.masks = InstanceMaskFormat::kRunLengths;
  int asked = 0;
  options.still_wanted = [&] {
    return ++asked < 3 ? absl::OkStatus() : absl::CancelledError("gone");
  };
  EXPECT_THAT(Detect(MaskHead(Whole(20)), {}, 100, 100, Letterboxed(), options).status(),
              StatusIs(absl::StatusCode::kCancelled, "gone"));
  EXPECT_EQ(asked, 3);
}

TEST(DetectTest, MapsBoxesAndKeypointsToThePictureAndClipsBoxes) {
  Candidates candidates;
  candidates.items = {{{-5, 30, 50, 90}, 0.9f, 4}};
  candidates.keypoints = {{10, 35}, {-5, 90}};
  candidates.keypoints_each = 2;
  const std::vector<Detection> found = Find(candidates, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].class_index, 4);
  EXPECT_FLOAT_EQ(found[0].box.x_min, 0);
  EXPECT_FLOAT_EQ(found[0].box.y_min, 10);
  EXPECT_FLOAT_EQ(found[0].box.x_max, 100);
  EXPECT_FLOAT_EQ(found[0].box.y_max, 100);
  ASSERT_EQ(found[0].keypoints.size(), 2u);
  EXPECT_FLOAT_EQ(found[0].keypoints[0].x, 20);
  EXPECT_FLOAT_EQ(found[0].keypoints[0].y, 20);
  EXPECT_FLOAT_EQ(found[0].keypoints[1].x, -10);
}

TEST(DetectTest, LeavesOutUnwantedClassesSmallBoxesAndWhatIsInThePaddingOnly) {
  Candidates candidates;
  candidates.items = {{{10, 30, 30, 50}, 0.9f, 0},  // 40 x 40 pixels of the picture
                      {{50, 30, 54, 70}, 0.8f, 0},  // 8 wide
                      {{10, 5, 30, 24}, 0.7f, 0},   // above the picture
                      {{60, 40, 90, 70}, 0.6f, 1}};
  candidates.keypoints = {{1, 0}, {2, 0}, {3, 0}, {4, 0}};
  candidates.keypoints_each = 1;
  EXPECT_EQ(Find(candidates, {}).size(), 3u);
  EXPECT_EQ(Find(candidates, {.min_size = 8}).size(), 3u);
  EXPECT_EQ(Find(candidates, {.min_size = 8.1f}).size(), 2u);
  const std::vector<Detection> ones = Find(candidates, {.classes = {1}});
  ASSERT_EQ(ones.size(), 1u);
  EXPECT_FLOAT_EQ(ones[0].keypoints[0].x, 8);  // its own, not one of those left out
  EXPECT_THAT(Find(candidates, {.classes = {7}}), IsEmpty());
  EXPECT_THAT(Find({}, {}), IsEmpty());
}

TEST(DetectTest, LeavesOverlapsToModelsThatResolveThem) {
  Candidates candidates;
  candidates.items = {{{10, 30, 30, 50}, 0.8f, 0}, {{10, 30, 30, 50}, 0.9f, 0}};
  EXPECT_EQ(Find(candidates, {}).size(), 1u);
  const std::vector<Detection> both = Find(candidates, {.soft_nms = true}, true);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_FLOAT_EQ(both[0].score, 0.9f);
  EXPECT_FLOAT_EQ(both[1].score, 0.8f);
}

TEST(RunSizeTest, IsThePicturesOwnRoundedUpAndBounded) {
  const OpenSize open = {.max_side = 1280, .multiple = 32};
  const struct {
    PictureSize picture;
    PictureSize want;
  } cases[] = {
      {{64, 96}, {64, 96}},        {{1, 1}, {32, 32}},           {{65, 33}, {96, 64}},
      {{2560, 1000}, {1280, 512}}, {{1280, 1280}, {1280, 1280}}, {{30000, 1}, {1280, 32}},
      {{1, 30000}, {32, 1280}},
  };
  for (const auto& [picture, want] : cases) {
    const PictureSize size = RunSize(picture, open);
    EXPECT_EQ(size.width, want.width) << picture.width << " x " << picture.height;
    EXPECT_EQ(size.height, want.height) << picture.width << " x " << picture.height;
  }
  EXPECT_EQ(RunSize({500, 500}, {.max_side = 100, .multiple = 32}).width, 96);
}

}  // namespace
}  // namespace dnnd::server
