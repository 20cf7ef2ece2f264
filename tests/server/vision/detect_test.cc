#include "server/vision/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/vision/run_size.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
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

// Each thing fills its box.
class MaskHead final : public DetectionHead {
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

TEST(DetectTest, MakesMasksOfWhatIsKeptUpToABound) {
  Candidates candidates;
  for (int i = 0; i < 20; ++i) {  // of the whole picture each
    candidates.items.push_back({{0, 25, 100, 75}, 0.9f - 0.01f * static_cast<float>(i), i, i % 2});
  }
  DetectOptions options;
  const auto plain = Detect(MaskHead(candidates), {}, 100, 100, Letterboxed(), options);
  ASSERT_THAT(plain, IsOk());
  EXPECT_FALSE((*plain)[0].mask.has_value());
  options.masks = InstanceMaskFormat::kRunLengths;
  const auto found = Detect(MaskHead(candidates), {}, 100, 100, Letterboxed(), options);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 20u);
  EXPECT_EQ((*found)[0].mask->pixels, 0);
  EXPECT_EQ((*found)[1].mask->pixels, 200 * 100);
  EXPECT_TRUE((*found)[kMostMaskedPictures - 1].mask.has_value());
  EXPECT_FALSE((*found)[kMostMaskedPictures].mask.has_value());
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
