#include "server/handlers/frame_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <thread>
#include <utility>

#include "server/handlers/errors.h"
#include "server/handlers/frame_streams.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::FakeClock;
using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMaxBytes = 1000;
constexpr int64_t kFrameBytes = 100;

// A wire that sends when the test says so.
class PuppetWire : public FrameWire {
 public:
  void Send(const FrameReport& report) override { reports.push_back(report); }
  void End(const absl::Status& status, int64_t dropped_total) override {
    ended = status;
    dropped = dropped_total;
  }

  std::vector<FrameReport> reports;
  std::optional<absl::Status> ended;
  int64_t dropped = 0;
};

class FrameStreamTest : public ::testing::Test {
 protected:
  using Done = std::function<void(const absl::Status&)>;

  FrameStreamTest() {
    call_.cancellation = std::make_shared<Cancellation>();
    stream_ = streams_.Open(Method::kStreamDetect, call_, wire_).value();
  }

  // A frame of this id arrives.
  void Offer(int64_t id, std::optional<absl::Duration> max_age = std::nullopt) {
    StreamFrame frame;
    frame.id = id;
    frame.bytes = kFrameBytes;
    frame.models = {{"camera", std::nullopt, ""}};
    frame.max_age = max_age;
    frame.ask = [this, id](const Call& call, Done done) {
      asked_.emplace_back(id, std::move(done));
      cancellations_.push_back(call.cancellation);
    };
    stream_->Offer(std::move(frame));
  }

  // The frame in work is answered; its id.
  int64_t Answer(const absl::Status& status = absl::OkStatus()) {
    auto [id, done] = std::move(asked_.front());
    asked_.pop_front();
    done(status);
    return id;
  }

  // The same, and its answer leaves.
  void AnswerAndSend() {
    Answer();
    stream_->Sent();
  }

  std::string MetricsText() const { return metrics_.Text(); }

  FakeClock clock_;
  Metrics metrics_;
  Logger log_{LogLevel::kError, LogFormat::kText, [](const std::string&) {}};
  Admission admission_{kMaxBytes, metrics_};
  const std::shared_ptr<ModelMetrics> model_ = metrics_.ForModel("camera", 1);
  FrameStreams streams_{
      {admission_, {metrics_, log_}, clock_, [this](const ModelReference&) { return model_; }}, 2};
  Call call_;
  PuppetWire wire_;
  std::shared_ptr<FrameStream> stream_;
  std::deque<std::pair<int64_t, Done>> asked_;
  std::vector<std::shared_ptr<Cancellation>> cancellations_;  // of all that were asked
};

TEST_F(FrameStreamTest, AnswersFramesOneAfterTheOtherEachWithItsDelay) {
  for (int64_t id = 7; id < 10; ++id) {
    Offer(id);
    clock_.Advance(absl::Milliseconds(20 + id));
    AnswerAndSend();
    ASSERT_THAT(wire_.reports.back().status, IsOk());
    EXPECT_EQ(wire_.reports.back().id, id);
    EXPECT_EQ(wire_.reports.back().delay, absl::Milliseconds(20 + id));
    EXPECT_EQ(wire_.reports.back().dropped_total, 0);
  }
  EXPECT_THAT(MetricsText(), HasSubstr("dnnd_stream_frame_delay_seconds_count{model=\"camera\","
                                       "version=\"1\"} 3"));
}

TEST_F(FrameStreamTest, ANewerFrameTakesThePlaceOfTheOneThatWaits) {
  for (int64_t id = 1; id <= 5; ++id) {
    Offer(id);
  }
  EXPECT_EQ(asked_.size(), 1);
  AnswerAndSend();
  AnswerAndSend();
  EXPECT_THAT(asked_, IsEmpty());
  ASSERT_EQ(wire_.reports.size(), 2);
  EXPECT_EQ(wire_.reports[0].id, 1);
  EXPECT_EQ(wire_.reports[1].id, 5);
  // Told in the first answer that is made afterwards, and in one only.
  EXPECT_EQ(wire_.reports[0].dropped, 3);
  EXPECT_EQ(wire_.reports[1].dropped, 0);
  EXPECT_EQ(wire_.reports[1].dropped_total, 3);
  EXPECT_THAT(MetricsText(), HasSubstr("dnnd_stream_frames_dropped_total{model=\"camera\","
                                       "reason=\"newer\",version=\"1\"} 3"));
}

TEST_F(FrameStreamTest, AFrameIsDroppedWhenItIsTooOldAtItsTurn) {
  Offer(1, absl::Milliseconds(50));
  clock_.Advance(absl::Seconds(9));  // work of its own makes no frame old
  Offer(2, absl::Milliseconds(50));
  clock_.Advance(absl::Milliseconds(50));
  AnswerAndSend();
  EXPECT_EQ(asked_.size(), 1) << "as old as it may be";
  Offer(3, absl::Milliseconds(50));
  clock_.Advance(absl::Milliseconds(51));
  AnswerAndSend();
  EXPECT_THAT(asked_, IsEmpty());
  Offer(4);
  AnswerAndSend();
  EXPECT_EQ(wire_.reports.back().id, 4);
  EXPECT_EQ(wire_.reports.back().dropped, 1);
  EXPECT_THAT(MetricsText(), HasSubstr("reason=\"age\",version=\"1\"} 1"));
}

TEST_F(FrameStreamTest, AnErrorIsAnAnswerAndTheStreamGoesOn) {
  Offer(1);
  Offer(2);
  Answer(absl::InvalidArgumentError("no picture"));
  EXPECT_THAT(wire_.reports.back().status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no picture")));
  stream_->Sent();
  AnswerAndSend();
  EXPECT_EQ(wire_.reports.back().id, 2);
  EXPECT_FALSE(wire_.ended.has_value());
}

TEST_F(FrameStreamTest, WhatWasSentBeforeTheClientClosedIsAnswered) {
  Offer(1);
  Offer(2);
  stream_->Close();
  AnswerAndSend();
  EXPECT_FALSE(wire_.ended.has_value());
  AnswerAndSend();
  ASSERT_TRUE(wire_.ended.has_value());
  EXPECT_THAT(*wire_.ended, IsOk());
  EXPECT_EQ(wire_.reports.size(), 2);
  EXPECT_EQ(wire_.dropped, 0);
}

TEST_F(FrameStreamTest, AClientThatDoesNotReadHoldsOneFrameBack) {
  Offer(0);
  Answer();
  for (int64_t id = 1; id <= 100; ++id) {
    Offer(id);
    EXPECT_THAT(asked_, IsEmpty()) << "its answer would wait behind the one that is not read";
    EXPECT_EQ(admission_.bytes(), kFrameBytes);
  }
  EXPECT_EQ(wire_.reports.size(), 1);
  stream_->Sent();
  EXPECT_EQ(admission_.bytes(), 0) << "a frame in work accounts for itself";
  EXPECT_EQ(Answer(), 100);
  EXPECT_EQ(wire_.reports.back().dropped_total, 99);
}

TEST_F(FrameStreamTest, AFrameThatHasNoRoomToWaitSaysSoWhenItsTurnComes) {
  const auto others = admission_.Enter(kMaxBytes - kFrameBytes + 1, metrics_.NoModel());
  Offer(1);
  Offer(2);
  AnswerAndSend();
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_EQ(wire_.reports.back().id, 2);
  EXPECT_EQ(ReasonOf(wire_.reports.back().status), kReasonMemoryBudget);
  stream_->Sent();
  Offer(3);
  EXPECT_EQ(asked_.size(), 1);
  AnswerAndSend();
}

TEST_F(FrameStreamTest, DrainingEndsAnIdleStreamAtOnce) {
  streams_.Drain();
  ASSERT_TRUE(wire_.ended.has_value());
  EXPECT_EQ(ReasonOf(*wire_.ended), kReasonServerDraining);
  PuppetWire other;
  EXPECT_THAT(streams_.Open(Method::kStreamDetect, call_, other).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("going down")));
}

TEST_F(FrameStreamTest, DrainingAnswersWhatIsInWorkAndDropsWhatWaits) {
  Offer(1);
  Offer(2);
  streams_.Drain();
  Offer(3);
  EXPECT_EQ(admission_.requests(), 0) << "a frame that waits would hold the daemon up";
  EXPECT_FALSE(wire_.ended.has_value());
  AnswerAndSend();
  EXPECT_EQ(wire_.reports.size(), 1);
  ASSERT_TRUE(wire_.ended.has_value());
  EXPECT_EQ(ReasonOf(*wire_.ended), kReasonServerDraining);
  EXPECT_EQ(wire_.dropped, 2);
  EXPECT_THAT(MetricsText(), HasSubstr("reason=\"end\",version=\"1\"} 2"));
}

TEST_F(FrameStreamTest, DrainingLetsAStreamEndThatIsAboutTo) {
  Offer(1);
  stream_->Close();
  streams_.Drain();
  AnswerAndSend();
  EXPECT_THAT(wire_.ended.value(), IsOk());
}

TEST_F(FrameStreamTest, CancellingCancelsTheFrameInWorkAndThenEnds) {
  Offer(1);
  Offer(2);
  stream_->Cancel();
  EXPECT_TRUE(call_.cancellation->cancelled());
  EXPECT_FALSE(wire_.ended.has_value()) << "the frame in work still uses the wire";
  Answer(absl::CancelledError(""));
  stream_->Sent();
  EXPECT_THAT(wire_.ended.value(),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("does not wait")));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(FrameStreamTest, EachFrameReactsToItsCancellationWhateverTheOneBeforeDoesLate) {
  Offer(1);
  AnswerAndSend();
  Offer(2);
  bool reacted = false;
  cancellations_[1]->OnCancel([&] { reacted = true; });
  cancellations_[0]->OnCancel([] {});  // of the first one's work, late
  stream_->Cancel();
  EXPECT_TRUE(reacted);
  Answer(absl::CancelledError(""));
  stream_->Sent();
}

TEST_F(FrameStreamTest, AStreamThatEndsAnywayStillCancelsItsFrameInWork) {
  Offer(1);
  streams_.Drain();
  stream_->Cancel();
  EXPECT_TRUE(cancellations_[0]->cancelled());
  AnswerAndSend();
}

TEST_F(FrameStreamTest, AStreamIsOpenUntilItsLastAnswerHasLeft) {
  Offer(1);
  streams_.Drain();
  Answer();
  EXPECT_EQ(admission_.requests(), 0);
  EXPECT_FALSE(streams_.WaitUntilEmpty(absl::ZeroDuration())) << "the answer is on its way";
  stream_->Sent();
  EXPECT_TRUE(streams_.WaitUntilEmpty(absl::ZeroDuration()));
}

TEST_F(FrameStreamTest, DrainingWaitsUntilTheFrameInWorkIsAdmitted) {
  std::promise<void> taken;
  std::promise<void> go;
  std::atomic<bool> admitted = false;
  StreamFrame frame;
  frame.models = {{"camera", std::nullopt, ""}};
  frame.ask = [&](const Call&, const Done& done) {
    taken.set_value();
    go.get_future().wait();
    admitted = admission_.Enter(kFrameBytes, *model_).ok();
    done(absl::OkStatus());
  };
  std::thread reader([&] { stream_->Offer(std::move(frame)); });
  taken.get_future().wait();
  std::thread drain([&] {
    streams_.Drain();
    admission_.Drain();
  });
  // It refuses streams first of all.
  PuppetWire other;
  while (!absl::IsUnavailable(streams_.Open(Method::kStreamDetect, call_, other).status())) {
    std::this_thread::yield();
  }
  go.set_value();
  drain.join();
  reader.join();
  EXPECT_TRUE(admitted);
  stream_->Sent();
}

TEST_F(FrameStreamTest, WhatIsWrongWithTheStreamEndsItOnceAndIsCounted) {
  Offer(1);
  stream_->Fail(absl::InvalidArgumentError("no model"));
  stream_->Fail(absl::InvalidArgumentError("again"));
  AnswerAndSend();
  EXPECT_THAT(wire_.ended.value(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no model")));
  EXPECT_THAT(MetricsText(), HasSubstr("dnnd_requests_total{code=\"INVALID_ARGUMENT\","
                                       "method=\"StreamDetect\",model=\"\",version=\"\"} 1"));
}

TEST_F(FrameStreamTest, NoMoreStreamsAreOpenThanMayBe) {
  PuppetWire second;
  PuppetWire third;
  const auto open = streams_.Open(Method::kStreamDetect, call_, second);
  ASSERT_THAT(open, IsOk());
  EXPECT_THAT(MetricsText(), HasSubstr("dnnd_streams 2"));
  const auto refused = streams_.Open(Method::kStreamDetect, call_, third);
  EXPECT_THAT(refused.status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("want at most 2")));
  EXPECT_EQ(ReasonOf(refused.status()), kReasonTooManyStreams);
  EXPECT_THAT(MetricsText(), HasSubstr("dnnd_requests_refused_total{model=\"\",reason=\"streams\","
                                       "version=\"\"} 1"));
  (*open)->Close();
  EXPECT_THAT(streams_.Open(Method::kStreamDetect, call_, third), IsOk());
}

TEST_F(FrameStreamTest, AnEndedStreamIsLetGoOf) {
  Offer(1);
  AnswerAndSend();
  const std::weak_ptr<FrameStream> watched = stream_;
  stream_->Close();
  stream_.reset();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace dnnd::server
