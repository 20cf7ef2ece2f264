#include "server/vision/nms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

#include "absl/time/clock.h"
#include "server/vision/head_support.h"

namespace dnnd::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What is asked for is 2 ms on one core; a busy machine and a sanitizer need room.
constexpr absl::Duration kGenerous = absl::Milliseconds(200);
constexpr int kCandidates = 25200;
constexpr int kClasses = 80;

std::vector<int> Indices(const std::vector<Kept>& kept) {
  std::vector<int> indices;
  for (const Kept& item : kept) {
    indices.push_back(item.index);
  }
  return indices;
}

Candidate At(float x, float score, int class_index = 0) {
  return {{x, 0, x + 10, 10}, score, class_index};
}

std::vector<Candidate> RandomCandidates(int count, int classes, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> place(0, 600);
  std::uniform_real_distribution<float> size(4, 120);
  std::uniform_real_distribution<float> score(0, 1);
  std::vector<Candidate> candidates(count);
  for (Candidate& candidate : candidates) {
    candidate.box = CenteredBox(place(random), place(random), size(random), size(random));
    candidate.score = score(random);
    candidate.class_index = static_cast<int>(random() % classes);
  }
  return candidates;
}

// The definition, word by word.
std::vector<int> Reference(const std::vector<Candidate>& candidates, const NmsOptions& options) {
  std::vector<int> order(candidates.size());
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<int>(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return candidates[a].score > candidates[b].score; });
  std::vector<int> kept;
  for (const int i : order) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](int k) {
      return (options.class_agnostic || candidates[k].class_index == candidates[i].class_index) &&
             IntersectionOverUnion(candidates[k].box, candidates[i].box) > options.iou_threshold;
    });
    if (!suppressed && static_cast<int>(kept.size()) < options.max_detections) {
      kept.push_back(i);
    }
  }
  return kept;
}

TEST(IntersectionOverUnionTest, IsTheSharedPartOfTheUnion) {
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {5, 0, 15, 10}), 50.0f / 150.0f);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {0, 0, 10, 10}), 1.0f);
  EXPECT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {10, 0, 20, 10}), 0.0f);
  EXPECT_EQ(IntersectionOverUnion({5, 5, 5, 5}, {5, 5, 5, 5}), 0.0f);
}

TEST(SuppressOverlapsTest, KeepsTheBestOfThoseThatOverlap) {
  const std::vector<Candidate> candidates = {At(0, 0.5f), At(1, 0.9f), At(50, 0.7f)};
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {})), ElementsAre(1, 2));
  EXPECT_THAT(SuppressOverlaps({}, {}), IsEmpty());
}

TEST(SuppressOverlapsTest, LetsClassesBeUnlessTheyAreToSuppressEachOther) {
  const std::vector<Candidate> candidates = {At(0, 0.5f, 3), At(1, 0.9f, 70000 % 65536)};
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {})), ElementsAre(1, 0));
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {.class_agnostic = true})), ElementsAre(1));
}

TEST(SuppressOverlapsTest, IsStableForEqualScoresAndLeavesOutWhatIsNoNumber) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Candidate> candidates = {At(50, 0.5f), At(0, none), At(90, 0.5f), At(20, -1.0f),
                                             At(120, 0.0f)};
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {})), ElementsAre(0, 2, 4, 3));
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {.max_detections = 1})), ElementsAre(0));
}

TEST(SuppressOverlapsTest, KeepsEverythingAtAThresholdOfOne) {
  const std::vector<Candidate> candidates = {At(0, 0.5f), At(0, 0.9f)};
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {.iou_threshold = 1.0f})), ElementsAre(1, 0));
}

TEST(SuppressOverlapsTest, DoesAsTheDefinitionSaysOnRandomBoxes) {
  for (uint32_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<Candidate> candidates = RandomCandidates(1500, 3, seed);
    for (const bool agnostic : {false, true}) {
      NmsOptions options;
      options.class_agnostic = agnostic;
      options.iou_threshold = 0.3f + 0.05f * static_cast<float>(seed);
      options.max_detections = seed % 2 == 0 ? 1000 : 40;
      EXPECT_EQ(Indices(SuppressOverlaps(candidates, options)), Reference(candidates, options));
    }
  }
}

TEST(SuppressOverlapsTest, SoftlyLowersScoresByTheGaussianOfTheOverlap) {
  const std::vector<Candidate> candidates = {At(0, 0.9f), At(5, 0.8f), At(50, 0.7f)};
  const auto kept = SuppressOverlaps(candidates, {.soft = true, .score_threshold = 0.1f});
  EXPECT_THAT(Indices(kept), ElementsAre(0, 2, 1));  // 0.8 fell below 0.7
  EXPECT_FLOAT_EQ(kept[2].score, 0.8f * std::exp(-(1.0f / 9.0f) / 0.5f));
  EXPECT_THAT(Indices(SuppressOverlaps(candidates, {.soft = true, .score_threshold = 0.65f})),
              ElementsAre(0, 2));
}

// The least time of some runs.
template <typename Work>
absl::Duration Measure(const Work& work) {
  absl::Duration least = absl::InfiniteDuration();
  for (int run = 0; run < 15; ++run) {
    const absl::Time start = absl::Now();
    work();
    least = std::min(least, absl::Now() - start);
  }
  return least;
}

TEST(SuppressOverlapsSpeed, AllCandidatesOfALargeModelTakeTwoMilliseconds) {
  const std::vector<Candidate> spread = RandomCandidates(kCandidates, kClasses, 7);
  // Worst: all of one class, in few clusters, so that none is enough and every pair is compared.
  std::vector<Candidate> clustered = RandomCandidates(kCandidates, 1, 8);
  for (size_t i = 0; i < clustered.size(); ++i) {
    const auto x = static_cast<float>(i % 90 * 50);
    clustered[i].box = {x, 0, x + 40 + clustered[i].score, 40};
  }
  size_t found = 0;
  const absl::Duration usual = Measure([&] { found += SuppressOverlaps(spread, {}).size(); });
  const absl::Duration all = Measure([&] {
    found += SuppressOverlaps(spread, {.iou_threshold = 0.6f, .max_detections = 1000}).size();
  });
  const absl::Duration worst = Measure([&] { found += SuppressOverlaps(clustered, {}).size(); });
  std::printf(
      "    25 200 candidates of 80 classes: %.2f ms for 100, %.2f ms for 1000, %.2f ms clustered\n",
      absl::ToDoubleMilliseconds(usual), absl::ToDoubleMilliseconds(all),
      absl::ToDoubleMilliseconds(worst));
  EXPECT_GT(found, 0u);
  EXPECT_LT(usual, kGenerous);
  EXPECT_LT(worst, kGenerous);
}

}  // namespace
}  // namespace dnnd::server
