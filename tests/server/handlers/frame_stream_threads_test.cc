// A FrameStream whose reader, worker and end are threads of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "server/handlers/frame_stream.h"
#include "server/handlers/frame_streams.h"
#include "tests/testing/fake_clock.h"

namespace dnnd::server {
namespace {

using Done = std::function<void(const absl::Status&)>;

constexpr int kFrames = 5000;

// Answers leave at once, and are counted.
class CountingWire : public FrameWire {
 public:
  void Send(const FrameReport& report) override {
    EXPECT_EQ(ends, 0) << "nothing comes after the end";
    last_id = report.id;
    ++answered;
    stream->Sent();
  }
  void End(const absl::Status& status, int64_t) override {
    const std::lock_guard<std::mutex> lock(mutex);
    code = status.code();
    ++ends;
    ended.notify_all();
  }

  void WaitForEnd() {
    std::unique_lock<std::mutex> lock(mutex);
    ended.wait(lock, [&] { return ends > 0; });
  }

  FrameStream* stream = nullptr;
  int64_t answered = 0;
  int64_t last_id = -1;
  std::mutex mutex;
  std::condition_variable ended;
  int ends = 0;
  absl::StatusCode code = absl::StatusCode::kUnknown;
};

// Answers what is asked, on a thread of its own, until it goes.
class Worker {
 public:
  ~Worker() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

  void Ask(Done done) {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.push_back(std::move(done));
    EXPECT_EQ(asked_.size(), 1) << "one frame is in work";
    changed_.notify_all();
  }

 private:
  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return over_ || !asked_.empty(); });
      if (asked_.empty()) {
        return;
      }
      const Done done = std::move(asked_.front());
      asked_.pop_front();
      lock.unlock();
      done(absl::OkStatus());
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Done> asked_;
  bool over_ = false;
  std::thread thread_{[this] { Run(); }};
};

int64_t DroppedOf(const Metrics& metrics) {
  int64_t dropped = 0;
  std::istringstream text(metrics.Text());
  for (std::string line; std::getline(text, line);) {
    int64_t count = 0;
    if (absl::StartsWith(line, "dnnd_stream_frames_dropped_total{") &&
        absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &count)) {
      dropped += count;
    }
  }
  return dropped;
}

TEST(FrameStreamThreads, EveryFrameIsAnsweredOrDroppedHoweverTheStreamEnds) {
  struct Case {
    const char* name;
    void (*end)(FrameStream& stream, FrameStreams& streams);
    absl::StatusCode code;
  };
  const Case cases[] = {
      {"Close", [](FrameStream& stream, FrameStreams&) { stream.Close(); }, absl::StatusCode::kOk},
      {"Drain", [](FrameStream&, FrameStreams& streams) { streams.Drain(); },
       absl::StatusCode::kUnavailable},
      {"Cancel", [](FrameStream& stream, FrameStreams&) { stream.Cancel(); },
       absl::StatusCode::kCancelled},
      {"Fail",
       [](FrameStream& stream, FrameStreams&) { stream.Fail(absl::InvalidArgumentError("")); },
       absl::StatusCode::kInvalidArgument},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    const bool closes = item.code == absl::StatusCode::kOk;
    testing::FakeClock clock;
    Metrics metrics;
    Logger log(LogLevel::kError, LogFormat::kText, [](const std::string&) {});
    Admission admission(1000, metrics);
    auto model = metrics.ForModel("camera", 1);
    FrameStreams streams(
        {admission, {metrics, log}, clock, [&](const ModelReference&) { return model; }}, 1);
    Call call;
    call.cancellation = std::make_shared<Cancellation>();
    CountingWire wire;
    const auto stream = streams.Open(Method::kStreamDetect, call, wire).value();
    wire.stream = stream.get();
    {
      Worker worker;
      std::thread end;
      for (int64_t id = 0; id < kFrames; ++id) {
        StreamFrame frame;
        frame.id = id;
        frame.bytes = 1;
        frame.models = {{"camera", std::nullopt, ""}};
        frame.ask = [&](const Call&, Done done) { worker.Ask(std::move(done)); };
        stream->Offer(std::move(frame));
        // The client itself closes after its last frame; the others come when they will.
        if (id == (closes ? kFrames - 1 : kFrames / 2)) {
          end = std::thread([&] { item.end(*stream, streams); });
        }
      }
      end.join();
      wire.WaitForEnd();
    }
    EXPECT_EQ(wire.ends, 1);
    EXPECT_EQ(wire.code, item.code);
    EXPECT_EQ(wire.answered + DroppedOf(metrics), kFrames);
    if (closes) {
      EXPECT_EQ(wire.last_id, kFrames - 1) << "the newest is answered";
    }
    EXPECT_EQ(admission.requests(), 0);
    EXPECT_EQ(streams.open(), 0);
  }
}

}  // namespace
}  // namespace dnnd::server
