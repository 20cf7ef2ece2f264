#include "engine/memory/arena_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace dnnd::engine {
namespace {

using testing::HasSubstr;

TEST(ArenaPlannerTest, BuffersThatNeverMeetShareMemory) {
  const std::vector<BufferLifetime> buffers = {{1024, 0, 1}, {512, 1, 2}, {1024, 2, 3}};
  const auto plan = PlanArenaOffsets(buffers);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->total_bytes, 1536);
  EXPECT_EQ(plan->offsets, (std::vector<int64_t>{0, 1024, 0}));
  EXPECT_TRUE(CheckNoOverlap(buffers, *plan).ok());
}

TEST(ArenaPlannerTest, ASmallBufferTakesTheTightestGap) {
  // Two gaps while 5 lives: of 256 bytes, and of 128 bytes.
  const std::vector<BufferLifetime> buffers = {{1024, 0, 3}, {256, 0, 0}, {512, 0, 3},
                                               {128, 0, 0},  {64, 0, 3},  {128, 1, 3}};
  const auto plan = PlanArenaOffsets(buffers);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(CheckNoOverlap(buffers, *plan).ok()) << PrintArenaPlan(buffers, *plan);
  EXPECT_EQ(plan->total_bytes, PeakLiveBytes(buffers));
}

TEST(ArenaPlannerTest, RandomLivesNeverOverlapAndOffsetsAreAligned) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<BufferLifetime> buffers;
    for (int i = 0; i < 60; ++i) {
      const int first = static_cast<int>(random() % 40);
      buffers.push_back(
          {static_cast<int64_t>(random() % 5000), first, first + static_cast<int>(random() % 10)});
    }
    const auto plan = PlanArenaOffsets(buffers);
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(CheckNoOverlap(buffers, *plan).ok()) << PrintArenaPlan(buffers, *plan);
    ASSERT_GE(plan->total_bytes, PeakLiveBytes(buffers));
    for (int64_t offset : plan->offsets) {
      ASSERT_EQ(offset % 64, 0);
    }
  }
}

TEST(ArenaPlannerTest, TheOverlapCheckFindsAnOverlap) {
  const std::vector<BufferLifetime> buffers = {{100, 0, 1}, {100, 1, 2}};
  const ArenaPlan wrong = {192, {0, 64}};
  EXPECT_THAT(std::string(CheckNoOverlap(buffers, wrong).message()), HasSubstr("buffers 0 and 1"));
}

TEST(ArenaPlannerTest, RefusesImpossibleBuffers) {
  EXPECT_EQ(PlanArenaOffsets({{-1, 0, 1}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PlanArenaOffsets({{1, 2, 1}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PlanArenaOffsets({{INT64_MAX, 0, 1}}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(PlanArenaOffsets({})->total_bytes, 0);
}

}  // namespace
}  // namespace dnnd::engine
