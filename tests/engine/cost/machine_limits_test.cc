// What follows from a machine's limits, on a machine of round figures.
#include "engine/cost/machine_limits.h"

#include <gtest/gtest.h>

namespace dnnd::engine {
namespace {

// 1 Gflop/s a core, 1 GB/s from memory, 10 GB/s from the cache, 10 us to wake a team.
constexpr MachineLimits kRound = {1e9, 1e9, 1e10, 1e-5};

Cost Computes(int64_t multiply_accumulates) {
  Cost cost;
  cost.multiply_accumulates = multiply_accumulates;
  return cost;
}

Cost Moves(int64_t bytes) {
  Cost cost;
  cost.read_bytes = bytes;
  return cost;
}

TEST(MachineLimits, ARoofIsTheLongerOfComputingAndMoving) {
  EXPECT_DOUBLE_EQ(RooflineSeconds(Computes(500'000), kRound), 1e-3);
  EXPECT_DOUBLE_EQ(RooflineSeconds(Moves(10'000'000), kRound), 1e-3);
  Cost both = Computes(500'000);
  both += Moves(20'000'000);
  EXPECT_DOUBLE_EQ(RooflineSeconds(both, kRound), 2e-3);
}

TEST(MachineLimits, ALayerIsBoundByTheRoofThatItIsNear) {
  EXPECT_EQ(BoundOf(Computes(500'000), 1e-3, 1, kRound), "compute");
  EXPECT_EQ(BoundOf(Moves(1'000'000), 1e-3, 1, kRound), "memory");
  EXPECT_EQ(BoundOf(Computes(500), 1e-3, 1, kRound), "latency");
  // On two cores a millisecond's computation takes half of it.
  EXPECT_EQ(BoundOf(Computes(500'000), 0.5e-3, 2, kRound), "compute");
}

TEST(MachineLimits, ATeamIsWokenForWorkThatPaysForIt) {
  EXPECT_EQ(WorthwhileThreads(Computes(5'000'000), 4, kRound), 4);  // 10 ms
  EXPECT_EQ(WorthwhileThreads(Computes(50), 4, kRound), 1);         // 100 ns
  EXPECT_EQ(WorthwhileThreads(Computes(5'000'000), 1, kRound), 1);  // nobody to wake
  EXPECT_EQ(WorthwhileThreads(Cost(), 4, kRound), 1);
}

}  // namespace
}  // namespace dnnd::engine
