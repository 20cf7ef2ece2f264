// Many threads on one scheduler: run it under ThreadSanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <random>
#include <thread>

#include "server/batching/scheduler.h"
#include "tests/server/batching/puppet_engine.h"

namespace dnnd::server {
namespace {

constexpr int64_t kWidth = 3;
constexpr int kSubmitters = 4;
constexpr int kLanes = 2;
constexpr int kRequests = 400;  // of each submitter

// What lanes wait for. Outlives the scheduler, whose timer rings it too.
class Bell {
 public:
  void Ring() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++rings_;
    changed_.notify_all();
  }
  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  // Waits for a ring that was not `seen` yet. False: no more.
  bool Await(int& seen) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || rings_ != seen; });
    seen = rings_;
    return !stopping_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int rings_ = 0;
  bool stopping_ = false;
};

// Lanes that sleep until they are woken, as the engine's do.
class LaneThreads {
 public:
  LaneThreads(Scheduler& scheduler, Bell& bell) : scheduler_(scheduler), bell_(bell) {
    for (int i = 0; i < kLanes; ++i) {
      threads_.emplace_back([this] { Loop(); });
    }
  }
  ~LaneThreads() {
    bell_.Stop();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  void Loop() {
    int seen = 0;
    while (bell_.Await(seen)) {
      PuppetRun run(kWidth, nullptr);
      while (std::unique_ptr<Batch> batch = scheduler_.NextBatch({1, false})) {
        scheduler_.Run(*batch, [&](int64_t rows) { return run.Bind(rows); });
      }
    }
  }

  Scheduler& scheduler_;
  Bell& bell_;
  std::vector<std::thread> threads_;
};

struct Counts {
  std::atomic<int> answered = 0;
  std::atomic<int> wrong = 0;
  std::atomic<int> refused = 0;
};

void SubmitOne(Scheduler& scheduler, const ModelHandle& model, std::mt19937& random,
               Counts& counts) {
  const int64_t rows = 1 + random() % 5;
  const float first = static_cast<float>(random() % 1000);
  auto values = std::make_shared<std::vector<float>>(rows * kWidth, first);
  BatchRequest request;
  request.model = model;
  request.shape = {{engine::Shape{1, kWidth}}, rows};
  request.inputs = {engine::TensorView({engine::DataType::kFloat32, engine::Shape{rows, kWidth}},
                                       values->data())};
  request.keep_alive = values;
  // Some expire while they wait.
  request.deadline =
      absl::Now() + (random() % 8 == 0 ? absl::Microseconds(200) : absl::Seconds(20));
  request.done = [&counts, rows, first](const absl::StatusOr<BatchResult>& result) {
    if (result.ok()) {
      const engine::Tensor& y = result->outputs.at(0);
      for (int64_t i = 0; i < rows * kWidth; ++i) {
        counts.wrong += y.data<float>()[i] == 2 * first + 1 ? 0 : 1;
      }
    }
    ++counts.answered;
  };
  auto reservation = scheduler.Reserve(model, rows, {}, request.deadline, nullptr);
  if (!reservation.ok()) {
    ++counts.refused;
    return;
  }
  const uint64_t id = scheduler.Submit(*std::move(reservation), std::move(request));
  if (random() % 8 == 0) {
    scheduler.Cancel(id);
  }
}

TEST(SchedulerStressTest, EveryAdmittedRequestIsAnsweredOnceAndRightly) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Metrics metrics;
  const Logger log(LogLevel::kError, LogFormat::kText);
  Counts counts;
  {
    Bell bell;
    PuppetEngine engine(kLanes);
    engine.OnWake([&bell] { bell.Ring(); });
    ThreadTimer timer;
    QueueOptions options;
    options.max_batch_rows = 8;
    options.max_queue_rows = 64;
    options.input_axes = options.output_axes = {0};
    auto served = std::make_shared<ServedModel>();
    served->name = std::string("a");
    served->metrics = metrics.ForModel("a", 1);
    served->attachment =
        std::make_unique<ModelQueue>(options, std::vector<engine::Shape>{engine::Shape{1, kWidth}});
    const ModelHandle model = std::move(served);
    Scheduler scheduler(engine, timer, metrics, log, engine::Clock::Real());
    const LaneThreads lanes(scheduler, bell);
    std::vector<std::thread> submitters;
    for (int t = 0; t < kSubmitters; ++t) {
      submitters.emplace_back([&, t] {
        std::mt19937 random(seed + t);
        for (int i = 0; i < kRequests; ++i) {
          SubmitOne(scheduler, model, random, counts);
        }
      });
    }
    for (std::thread& submitter : submitters) {
      submitter.join();
    }
  }
  EXPECT_EQ(counts.answered + counts.refused, kSubmitters * kRequests);
  EXPECT_EQ(counts.wrong, 0);
}

}  // namespace
}  // namespace dnnd::server
