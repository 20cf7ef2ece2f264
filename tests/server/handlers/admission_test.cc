#include "server/handlers/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "server/handlers/errors.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::testing::HasSubstr;

class AdmissionTest : public ::testing::Test {
 protected:
  absl::StatusOr<Admission::Ticket> Enter(int64_t bytes) {
    return admission_.Enter(bytes, metrics_.NoModel());
  }

  Metrics metrics_;
  Admission admission_{100, metrics_};
};

TEST_F(AdmissionTest, BoundsTheBytesOfAllWhoAreIn) {
  auto first = Enter(60);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(ReasonOf(Enter(41).status()), kReasonMemoryBudget);
  auto second = Enter(40);
  EXPECT_THAT(second, IsOk());
  EXPECT_EQ(admission_.bytes(), 100);
  EXPECT_EQ(admission_.requests(), 2);
  { const Admission::Ticket gone = *std::move(first); }
  EXPECT_EQ(admission_.bytes(), 40);
  EXPECT_THAT(Enter(60), IsOk());
}

TEST_F(AdmissionTest, LetsALargeRequestInWhenNobodyElseIs) {
  EXPECT_THAT(Enter(1000), IsOk());
  const auto other = Enter(1);
  EXPECT_FALSE(Enter(1000).ok());
}

TEST_F(AdmissionTest, WhatTurnsOutToBeHeldKeepsOthersOut) {
  auto ticket = Enter(10);
  ASSERT_THAT(ticket, IsOk());
  ticket->Hold(200);
  EXPECT_EQ(admission_.bytes(), 210);
  EXPECT_EQ(ReasonOf(Enter(1).status()), kReasonMemoryBudget);
  { const Admission::Ticket gone = *std::move(ticket); }
  EXPECT_EQ(admission_.bytes(), 0);
}

TEST_F(AdmissionTest, TasksThatShareATicketCountAtOnceWhatTheyHold) {
  constexpr int kTasks = 4;
  constexpr int kTimes = 10000;
  auto ticket = Enter(10);
  ASSERT_THAT(ticket, IsOk());
  std::vector<std::thread> tasks;
  for (int i = 0; i < kTasks; ++i) {
    tasks.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) {
        ticket->Hold(1);
      }
    });
  }
  for (std::thread& task : tasks) {
    task.join();
  }
  EXPECT_EQ(admission_.bytes(), 10 + kTasks * kTimes);
  { const Admission::Ticket gone = *std::move(ticket); }
  EXPECT_EQ(admission_.bytes(), 0);
}

TEST_F(AdmissionTest, SaysWhenToTryAgain) {
  const auto ticket = Enter(100);
  const absl::Status refused = Enter(100).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(refused.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_THAT(std::string(*refused.GetPayload("type.googleapis.com/google.rpc.ErrorInfo")),
              HasSubstr("send fewer or smaller requests at once, or raise --max-queued-bytes"));
}

TEST_F(AdmissionTest, DrainRefusesNewOnesAndWaitsForThoseWhoAreIn) {
  auto ticket = Enter(10);
  ASSERT_THAT(ticket, IsOk());
  admission_.Drain();
  const absl::Status refused = Enter(1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), kReasonServerDraining);
  EXPECT_FALSE(admission_.WaitUntilEmpty(absl::ZeroDuration()));
  std::thread leaver([ticket = *std::move(ticket)]() mutable { ticket = Admission::Ticket(); });
  EXPECT_TRUE(admission_.WaitUntilEmpty(absl::InfiniteDuration()));
  leaver.join();
}

}  // namespace
}  // namespace dnnd::server
