#include "server/batching/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "tests/server/batching/puppet_engine.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kWidth = 2;
constexpr FreeLanes kOneNarrow{1, false};
absl::Duration Ms(double ms) { return absl::Microseconds(1000 * ms); }

struct Outcome {
  bool done = false;
  absl::Status status;
  std::vector<float> values;
  BatchResult result;
};

class SchedulerTest : public ::testing::Test {
 protected:
  // A model whose narrow lane takes 10 ms a row, the wide one 6; 1 ms less for each further row.
  ModelHandle MakeModel(const std::string& name, QueueOptions options = {}) {
    options.input_axes = options.output_axes = {0};
    auto model = std::make_shared<ServedModel>();
    model->name = name;
    model->version = 1;
    model->metrics = metrics_.ForModel(name, 1);
    const std::vector<engine::Shape> row = {engine::Shape{1, kWidth}};
    auto queue = std::make_unique<ModelQueue>(options, row);
    for (int64_t rows : {1, 2, 4, 8}) {
      for (LaneKind kind : {LaneKind::kNarrow, LaneKind::kWide}) {
        const absl::Duration cost = Cost(kind, rows);
        queue->groups[0]->curve(kind).Observe(rows, cost, cost, clock_.Now());
      }
    }
    model->attachment = std::move(queue);
    return model;
  }

  struct Submitted {
    uint64_t id = 0;
    std::shared_ptr<Outcome> outcome = std::make_shared<Outcome>();
  };

  // Rows count up from `first`. Deadline in `deadline` from now.
  Submitted Submit(const ModelHandle& model, int64_t rows, float first = 0,
                   absl::Duration deadline = absl::Seconds(20)) {
    Submitted submitted;
    auto values = std::make_shared<std::vector<float>>();
    for (int64_t i = 0; i < rows * kWidth; ++i) {
      values->push_back(first + static_cast<float>(i));
    }
    BatchRequest request;
    request.model = model;
    request.shape = {{engine::Shape{1, kWidth}}, rows};
    request.inputs = {engine::TensorView({engine::DataType::kFloat32, engine::Shape{rows, kWidth}},
                                         values->data())};
    request.keep_alive = values;
    request.deadline = clock_.Now() + deadline;
    request.done = [outcome = submitted.outcome](absl::StatusOr<BatchResult> result) {
      EXPECT_FALSE(outcome->done) << "answered twice";
      outcome->done = true;
      outcome->status = result.status();
      if (result.ok()) {
        const engine::Tensor& y = result->outputs.at(0);
        outcome->values.assign(y.data<float>(), y.data<float>() + y.num_elements());
        outcome->result = *std::move(result);
      }
    };
    auto reservation = scheduler_->Reserve(model, rows, {}, request.deadline, nullptr);
    EXPECT_THAT(reservation, IsOk());
    submitted.id = scheduler_->Submit(*std::move(reservation), std::move(request));
    return submitted;
  }

  absl::Status Reserve(const ModelHandle& model, int64_t rows, absl::Duration deadline,
                       Refusal* refusal) {
    auto reservation = scheduler_->Reserve(model, rows, {}, clock_.Now() + deadline, refusal);
    return reservation.status();
  }

  // A lane frees, takes a batch and runs it. Returns its rows, 0 when there was none.
  int64_t RunOne(FreeLanes lanes = kOneNarrow,
                 std::function<absl::Status(const std::vector<float>&)> run = nullptr) {
    std::unique_ptr<Batch> batch = scheduler_->NextBatch(lanes);
    if (batch == nullptr) {
      return 0;
    }
    const int64_t rows = batch->rows;
    RunThis(*batch, std::move(run));
    return rows;
  }
  void RunThis(Batch& batch, std::function<absl::Status(const std::vector<float>&)> run = nullptr) {
    PuppetRun puppet(kWidth, [&](const std::vector<float>& values) {
      const int64_t rows = static_cast<int64_t>(values.size()) / kWidth;
      clock_.Advance(Cost(batch.kind, rows));
      return run ? run(values) : absl::OkStatus();
    });
    scheduler_->Run(batch, [&](int64_t rows) {
      puppet.set_cpu_time(Cost(batch.kind, rows));
      return puppet.Bind(rows);
    });
  }

  // Submits requests of 8 rows until one is refused. Returns how many were not.
  int SubmitUntilRefused(const ModelHandle& model, absl::Duration deadline, Refusal* refusal) {
    int admitted = 0;
    while (admitted < 1000 && Reserve(model, 8, deadline, refusal).ok()) {
      Submit(model, 8, 0, deadline);
      ++admitted;
    }
    return admitted;
  }

  static absl::Duration Cost(LaneKind kind, int64_t rows) {
    return Ms(kind == LaneKind::kWide ? 6 : 10) * rows - Ms(1) * (rows - 1);
  }

  Metrics metrics_;
  std::ostringstream lines_;
  Logger log_{LogLevel::kInfo, LogFormat::kText,
              std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)};
  FakeClock clock_;
  ManualTimer timer_{clock_};
  PuppetEngine engine_;
  std::unique_ptr<Scheduler> scheduler_ =
      std::make_unique<Scheduler>(engine_, timer_, metrics_, log_, clock_);
};

TEST_F(SchedulerTest, ARequestAloneRunsAtOnce) {
  const ModelHandle model = MakeModel("a");
  int wakes = 0;
  engine_.OnWake([&] { ++wakes; });
  const Submitted request = Submit(model, 1, 5);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(RunOne({2, true}), 1);
  EXPECT_THAT(request.outcome->status, IsOk());
  EXPECT_THAT(request.outcome->values, ElementsAre(11, 13));
  EXPECT_EQ(request.outcome->result.queue, absl::ZeroDuration());
  EXPECT_EQ(request.outcome->result.batch_rows, 1);
}

TEST_F(SchedulerTest, WhatWaitsIsRunTogetherAndEachGetsItsOwnRows) {
  const ModelHandle model = MakeModel("a");
  const Submitted first = Submit(model, 1, 0);
  const Submitted second = Submit(model, 2, 10);
  const Submitted third = Submit(model, 1, 20);
  clock_.Advance(Ms(3));
  EXPECT_EQ(RunOne(), 4);
  EXPECT_THAT(first.outcome->values, ElementsAre(1, 3));
  EXPECT_THAT(second.outcome->values, ElementsAre(21, 23, 25, 27));
  EXPECT_THAT(third.outcome->values, ElementsAre(41, 43));
  EXPECT_EQ(third.outcome->result.batch_rows, 4);
  EXPECT_EQ(third.outcome->result.queue, Ms(3));
  EXPECT_EQ(RunOne(), 0);
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(dnnd_batch_dispatch_total{model="a",reason="drained",version="1"} 1)"));
}

TEST_F(SchedulerTest, TheEarliestDeadlineGoesFirstWhateverTheModelAndFirstComeFirstServed) {
  QueueOptions single;
  single.max_batch_rows = 1;
  const ModelHandle a = MakeModel("a", single);
  const ModelHandle b = MakeModel("b", single);
  const Submitted late = Submit(a, 1, 0, Ms(900));
  const Submitted soon = Submit(b, 1, 0, Ms(500));
  const Submitted late_too = Submit(b, 1, 0, Ms(900));
  RunOne();
  EXPECT_TRUE(soon.outcome->done);
  EXPECT_FALSE(late.outcome->done);
  RunOne();
  EXPECT_TRUE(late.outcome->done);
  EXPECT_FALSE(late_too.outcome->done);
  RunOne();
  EXPECT_TRUE(late_too.outcome->done);
}

TEST_F(SchedulerTest, ALargeRequestIsSplitOverLanesAndJoinedInOrder) {
  QueueOptions options;
  options.max_batch_rows = 4;
  const ModelHandle model = MakeModel("a", options);
  const Submitted request = Submit(model, 10);
  const auto first = scheduler_->NextBatch(kOneNarrow);
  const auto second = scheduler_->NextBatch(kOneNarrow);
  const auto third = scheduler_->NextBatch(kOneNarrow);
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(third->rows, 2);
  RunThis(*third);
  RunThis(*first);
  EXPECT_FALSE(request.outcome->done);
  RunThis(*second);
  ASSERT_TRUE(request.outcome->done);
  std::vector<float> expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(static_cast<float>(2 * i + 1));
  }
  EXPECT_EQ(request.outcome->values, expected);
  EXPECT_EQ(request.outcome->result.batch_rows, 4);
}

TEST_F(SchedulerTest, ExpiredWorkIsDroppedAtItsTimeAndNeverRuns) {
  const ModelHandle model = MakeModel("a");
  const Submitted soon = Submit(model, 1, 0, Ms(100));
  const Submitted late = Submit(model, 1, 0, Ms(200));
  EXPECT_EQ(timer_.at(), clock_.Now() + Ms(100));
  clock_.Advance(Ms(100));
  timer_.Turn();
  EXPECT_THAT(soon.outcome->status,
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("while the request waited")));
  EXPECT_FALSE(late.outcome->done);
  EXPECT_EQ(timer_.at(), clock_.Now() + Ms(100));
  EXPECT_EQ(RunOne(), 1);
  EXPECT_THAT(late.outcome->status, IsOk());
}

TEST_F(SchedulerTest, WhatExpiredBeforeTheTimerCameIsNotRunEither) {
  const ModelHandle model = MakeModel("a");
  const Submitted request = Submit(model, 1, 0, Ms(100));
  clock_.Advance(Ms(95));  // ten would be needed
  EXPECT_EQ(RunOne(), 0);
  clock_.Advance(Ms(5));
  timer_.Turn();
  EXPECT_THAT(request.outcome->status, StatusIs(absl::StatusCode::kDeadlineExceeded, ::testing::_));
}

TEST_F(SchedulerTest, ARequestWithoutADeadlineHasTheModels) {
  QueueOptions options;
  options.default_deadline = Ms(50);
  const ModelHandle model = MakeModel("a", options);
  const Submitted request = Submit(model, 1, 0, absl::InfiniteDuration());
  clock_.Advance(Ms(50));
  timer_.Turn();
  EXPECT_THAT(request.outcome->status, StatusIs(absl::StatusCode::kDeadlineExceeded, ::testing::_));
}

TEST_F(SchedulerTest, ACancelledRequestIsAnsweredAndNeverRuns) {
  const ModelHandle model = MakeModel("a");
  const Submitted request = Submit(model, 3);
  scheduler_->Cancel(request.id);
  EXPECT_THAT(request.outcome->status, StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  EXPECT_EQ(RunOne(), 0);
  EXPECT_EQ(scheduler_->waiting_rows(), 0);
  scheduler_->Cancel(request.id);
  scheduler_->Cancel(12345);
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(reason="cancelled",version="1"} 1)"));
}

TEST_F(SchedulerTest, ARequestThatRunsInPartIsAnsweredOnlyWhenNothingReadsItAnyMore) {
  QueueOptions options;
  options.max_batch_rows = 2;
  const ModelHandle model = MakeModel("a", options);
  const Submitted request = Submit(model, 4);
  const auto batch = scheduler_->NextBatch(kOneNarrow);
  scheduler_->Cancel(request.id);
  EXPECT_FALSE(request.outcome->done);
  EXPECT_EQ(RunOne(), 0);
  RunThis(*batch);
  EXPECT_THAT(request.outcome->status, StatusIs(absl::StatusCode::kCancelled, ::testing::_));
}

TEST_F(SchedulerTest, ARowThatFailsDoesNotSpoilItsNeighbours) {
  const ModelHandle model = MakeModel("a");
  const Submitted good = Submit(model, 1, 0);
  const Submitted bad = Submit(model, 1, 100);
  const Submitted good_too = Submit(model, 2, 10);
  int runs = 0;
  RunOne(kOneNarrow, [&](const std::vector<float>& values) {
    ++runs;
    const bool poisoned = std::find(values.begin(), values.end(), 100.f) != values.end();
    return poisoned ? absl::InternalError("kernel failed") : absl::OkStatus();
  });
  EXPECT_EQ(runs, 5);
  EXPECT_THAT(good.outcome->values, ElementsAre(1, 3));
  EXPECT_THAT(good_too.outcome->values, ElementsAre(21, 23, 25, 27));
  EXPECT_THAT(bad.outcome->status,
              StatusIs(absl::StatusCode::kInternal, HasSubstr("kernel failed")));
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(dnnd_batch_failures_total{model="a",version="1"} 1)"));
  EXPECT_THAT(lines_.str(),
              HasSubstr(R"(a batch failed model=a rows=4 why="INTERNAL: kernel failed")"));
}

TEST_F(SchedulerTest, ADeadlineThatAnIdleServerWouldMissIsRefusedAtOnce) {
  const ModelHandle model = MakeModel("a");
  Refusal refusal;
  EXPECT_THAT(Reserve(model, 1, Ms(5), &refusal),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("an idle server needs")));
  EXPECT_EQ(refusal.reason, RefusalReason::kDeadline);
  EXPECT_EQ(refusal.retry_after, absl::ZeroDuration());
  EXPECT_THAT(Reserve(model, 1, Ms(7), &refusal), IsOk());
}

TEST_F(SchedulerTest, AWaitThatWouldMissTheDeadlineIsRefusedWithAHint) {
  const ModelHandle model = MakeModel("a");
  // 8 rows occupy one of two lanes for 41 ms (the wide one) at the least, so that n requests wait
  // for n × 41 ms, and the batch of the last one takes 41 more; all of it 1.3 times, for safety:
  // (4 × 41 + 41) × 1.3 is below 300, (5 × 41 + 41) × 1.3 above.
  Refusal refusal;
  EXPECT_EQ(SubmitUntilRefused(model, Ms(300), &refusal), 5);
  EXPECT_EQ(refusal.reason, RefusalReason::kWait);
  EXPECT_GT(refusal.retry_after, Ms(1));
  EXPECT_LT(refusal.retry_after, Ms(81));
  EXPECT_THAT(Reserve(model, 8, Ms(300), &refusal),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("try again in")));
  EXPECT_THAT(Reserve(model, 8, Ms(400), &refusal), IsOk());
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(reason="wait",version="1"} 2)"));
}

// The parts of one request wait for each other: on an idle server nothing gets better later.
TEST_F(SchedulerTest, ARequestWhoseOwnPartsTakeTooLongIsNotToldToTryAgain) {
  const ModelHandle model = MakeModel("a");
  const absl::Time deadline = clock_.Now() + Ms(300);
  const auto reserve_parts = [&](Refusal* refusal) {
    std::vector<Scheduler::Reservation> parts;
    while (true) {
      auto part = scheduler_->Reserve(model, 8, {}, deadline, refusal, parts);
      if (!part.ok()) {
        return part.status();
      }
      parts.push_back(*std::move(part));
    }
  };
  Refusal refusal;
  EXPECT_THAT(reserve_parts(&refusal), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                                HasSubstr("up to this part of the request")));
  EXPECT_EQ(refusal.reason, RefusalReason::kDeadline);
  const auto other = scheduler_->Reserve(model, 8, {}, absl::InfiniteFuture(), nullptr);
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(reserve_parts(&refusal),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("try again in")));
}

TEST_F(SchedulerTest, AnEmptyQueueIsEmptyHoweverMuchWentThroughIt) {
  const ModelHandle model = MakeModel("a");
  // No whole number of nanoseconds a row.
  const absl::Duration cost = absl::Nanoseconds(72'999'999);
  QueueOf(*model).groups[0]->narrow.Observe(8, cost, cost, clock_.Now());
  for (int i = 0; i < 20'000; ++i) {
    Submit(model, 7);
    RunOne({1, false});
  }
  // 8 rows alone need 36.5 ms of two lanes; whatever else were thought to wait would come on top.
  Refusal refusal;
  EXPECT_THAT(Reserve(model, 8, Ms(37), &refusal), IsOk()) << refusal.retry_after;
}

TEST_F(SchedulerTest, AFewRowsThatWereHeldRunWhenNobodyComes) {
  const ModelHandle model = MakeModel("a");
  Submit(model, 8);
  const auto first = scheduler_->NextBatch(kOneNarrow);
  Submit(model, 8);
  const auto second = scheduler_->NextBatch(kOneNarrow);
  ASSERT_NE(second, nullptr);
  const Submitted lonely = Submit(model, 1);
  RunThis(*first);
  EXPECT_EQ(RunOne(), 0) << "a lane is free, but eight clients were just answered";
  int wakes = 0;
  engine_.OnWake([&] { ++wakes; });
  clock_.Advance(timer_.at() - clock_.Now());
  timer_.Turn();
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(RunOne(), 1);
  EXPECT_TRUE(lonely.outcome->done);
  RunThis(*second);
}

TEST_F(SchedulerTest, WhatWasAdmittedKeepsItsDeadline) {
  const ModelHandle model = MakeModel("a");
  Refusal refusal;
  std::vector<Submitted> admitted;
  while (Reserve(model, 2, Ms(300), &refusal).ok()) {
    admitted.push_back(Submit(model, 2, 0, Ms(300)));
  }
  // Two lanes in turn, each as fast as its batch allows: the clock moves once for both.
  while (RunOne({2, true}) > 0) {
  }
  for (const Submitted& request : admitted) {
    EXPECT_THAT(request.outcome->status, IsOk());
  }
  EXPECT_GT(admitted.size(), 12u);
}

TEST_F(SchedulerTest, WhatIsUrgentMayOvertakeWhatHasTime) {
  const ModelHandle model = MakeModel("a");
  for (int i = 0; i < 10; ++i) {
    Submit(model, 8, 0, absl::Seconds(20));
  }
  Refusal refusal;
  EXPECT_THAT(Reserve(model, 1, Ms(100), &refusal), IsOk());
}

TEST_F(SchedulerTest, ReservationsCountAsWorkAndAreGivenBack) {
  QueueOptions options;
  options.max_queue_rows = 4;
  const ModelHandle model = MakeModel("a", options);
  Refusal refusal;
  {
    const auto held = scheduler_->Reserve(model, 3, {}, absl::InfiniteFuture(), &refusal);
    ASSERT_THAT(held, IsOk());
    EXPECT_THAT(Reserve(model, 2, absl::Seconds(20), &refusal),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full queue")));
    EXPECT_EQ(refusal.reason, RefusalReason::kQueueItems);
    EXPECT_GT(refusal.retry_after, absl::ZeroDuration());
  }
  EXPECT_THAT(Reserve(model, 4, absl::Seconds(20), &refusal), IsOk());
  EXPECT_THAT(Reserve(model, 5, absl::Seconds(20), &refusal),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want 4 or less")));
}

TEST_F(SchedulerTest, ASizeWithoutAPlanIsMadeBesideAndUsedOnceItIsThere) {
  engine_.AllowOnly({{LaneKind::kNarrow, 1}, {LaneKind::kNarrow, 2}});
  const ModelHandle model = MakeModel("a");
  Submit(model, 3);
  Submit(model, 3);
  EXPECT_EQ(RunOne(), 2);
  EXPECT_EQ(RunOne(), 2);
  ASSERT_EQ(engine_.requests().size(), 2u);
  EXPECT_EQ(engine_.requests()[0].rows, 6);
  EXPECT_EQ(engine_.requests()[1].rows, 4);
  engine_.Grant(absl::OkStatus());
  Submit(model, 4);
  EXPECT_EQ(RunOne(), 6);
}

TEST_F(SchedulerTest, RequestsOfAShapeThatCannotBePlannedAreAnsweredWithTheReason) {
  engine_.AllowOnly({});
  const ModelHandle model = MakeModel("a");
  const Submitted request = Submit(model, 2);
  EXPECT_EQ(RunOne(), 0);
  engine_.Grant(absl::ResourceExhaustedError("no memory for two"));
  EXPECT_FALSE(request.outcome->done);
  ASSERT_EQ(engine_.requests().size(), 1u);
  EXPECT_EQ(engine_.requests()[0].rows, 1);
  engine_.Grant(absl::InvalidArgumentError("no such shape"));
  EXPECT_THAT(request.outcome->status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no such shape")));
}

TEST_F(SchedulerTest, WaitsThatTurnOutLongerThanPredictedTeachCaution) {
  const ModelHandle model = MakeModel("a");
  for (int round = 0; round < 100; ++round) {
    Submit(model, 8);
    Submit(model, 8);  // predicted to wait 37 ms
    RunOne();
    clock_.Advance(Ms(100));
    RunOne();
  }
  Refusal refusal;
  EXPECT_LT(SubmitUntilRefused(model, Ms(300), &refusal), 3);
}

TEST_F(SchedulerTest, WhatStillWaitsAtTheEndIsAnswered) {
  const ModelHandle model = MakeModel("a");
  const Submitted request = Submit(model, 1);
  scheduler_.reset();
  EXPECT_THAT(request.outcome->status,
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("going down")));
}

TEST_F(SchedulerTest, RequestsHoldTheirModelUntilTheyAreAnswered) {
  ModelHandle model = MakeModel("a");
  const std::weak_ptr<const ServedModel> watched = model;
  Submit(model, 1);
  model.reset();
  EXPECT_FALSE(watched.expired());
  RunOne();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace dnnd::server
