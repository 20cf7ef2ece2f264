#include "client/api/latencies.h"

#include <gtest/gtest.h>

namespace dnnd::client {
namespace {

Latencies OneTo(int count) {
  Latencies latencies;
  // Backwards, because samples come in any order.
  for (int i = count; i > 0; --i) latencies.Add(i);
  return latencies;
}

TEST(LatenciesTest, PercentilesAreNearestRanks) {
  struct Case {
    int count;
    double percent, want;
  };
  for (const Case& c : {Case{100, 50, 50}, Case{100, 99, 99}, Case{100, 99.9, 100},
                        Case{100, 100, 100}, Case{5, 50, 3}, Case{4, 50, 2}, Case{4, 51, 3},
                        Case{1000, 99.9, 999}, Case{1, 1, 1}, Case{1, 99, 1}, Case{10, 0.001, 1}}) {
    EXPECT_EQ(OneTo(c.count).Percentile(c.percent), c.want) << c.percent << " % of 1.." << c.count;
  }
}

TEST(LatenciesTest, MeanAndMaxAreOverAllSamples) {
  EXPECT_EQ(OneTo(5).Mean(), 3);
  EXPECT_EQ(OneTo(5).Max(), 5);
}

TEST(LatenciesTest, NothingMeasuredIsZero) {
  EXPECT_EQ(Latencies().Percentile(99), 0);
  EXPECT_EQ(Latencies().Mean(), 0);
  EXPECT_EQ(Latencies().Max(), 0);
}

}  // namespace
}  // namespace dnnd::client
