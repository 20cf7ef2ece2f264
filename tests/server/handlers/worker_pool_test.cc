#include "server/handlers/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <vector>

#include "server/handlers/call.h"

namespace dnnd::server {
namespace {

using ::testing::ElementsAre;

TEST(WorkerPool, EndsBeforeItBeginsAndRunsAllBeforeItGoes) {
  std::vector<int> order;
  {
    WorkerPool pool(1);
    std::latch go(1);
    pool.Begin([&] { go.wait(); });  // everything below waits behind it
    pool.Begin([&] { order.push_back(1); });
    pool.Begin([&] { order.push_back(2); });
    pool.End([&] { order.push_back(3); });
    pool.End([&] { order.push_back(4); });
    go.count_down();
  }
  EXPECT_THAT(order, ElementsAre(3, 4, 1, 2));
}

TEST(Cancellation, ReactsOnceNowOrLater) {
  int reactions = 0;
  Cancellation early;
  early.Cancel();
  early.OnCancel([&] { ++reactions; });
  EXPECT_EQ(reactions, 1);
  Cancellation late;
  late.OnCancel([&] { ++reactions; });
  EXPECT_EQ(reactions, 1);
  late.Cancel();
  late.Cancel();
  EXPECT_EQ(reactions, 2);
  EXPECT_TRUE(late.cancelled());
}

TEST(Call, IsWantedUntilItIsCancelledOrLate) {
  Call call;
  call.cancellation = std::make_shared<Cancellation>();
  EXPECT_TRUE(call.StillWanted().ok());
  call.deadline = absl::InfinitePast();
  EXPECT_EQ(call.StillWanted().code(), absl::StatusCode::kDeadlineExceeded);
  call.cancellation->Cancel();
  EXPECT_EQ(call.StillWanted().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace dnnd::server
