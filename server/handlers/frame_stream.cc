#include "server/handlers/frame_stream.h"

#include <utility>

#include "server/handlers/errors.h"

namespace dnnd::server {

FrameStream::FrameStream(const FrameServices& services, Method method, Call call, FrameWire& wire,
                         std::function<void(FrameStream*)> on_end)
    : services_(services),
      method_(method),
      call_(std::move(call)),
      wire_(wire),
      on_end_(std::move(on_end)) {}

void FrameStream::Offer(StreamFrame frame) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (end_.has_value() || state_ == State::kEnded) {
      return CountDrop(frame.models, FrameDropReason::kEnd);
    }
    DropWaiting(FrameDropReason::kNewer);
    waiting_.emplace(Waiting{std::move(frame), services_.clock.Now(), {}, {}});
    if (state_ != State::kIdle) {
      Keep();
    }
  }
  Advance();
}

void FrameStream::Close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  Advance();
}

void FrameStream::Sent() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    state_ = State::kIdle;
  }
  Advance();
}

void FrameStream::Fail(const absl::Status& status) {
  if (EndWith(status)) {
    RequestRecord(services_.telemetry, method_, call_.request_id, RequestRecord::About::kNothing)
        .End(status);
  }
}

void FrameStream::Drain() {
  bool about_to_end = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    about_to_end = closed_ && !waiting_.has_value();
  }
  if (!about_to_end) {
    EndWith(DrainingError());
  }
  std::unique_lock<std::mutex> lock(mutex_);
  asked_.wait(lock, [&] { return asking_ == 0; });
}

void FrameStream::Cancel() {
  const std::shared_ptr<FrameStream> self = shared_from_this();
  call_.cancellation->Cancel();
  EndWith(call_.StillWanted());
  std::shared_ptr<Cancellation> in_work;  // the last one: what ends takes no frame
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    in_work = cancellation_;
  }
  if (in_work != nullptr) {
    in_work->Cancel();
  }
}

bool FrameStream::EndWith(const absl::Status& status) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (end_.has_value()) {
      return false;
    }
    end_ = status;
    DropWaiting(FrameDropReason::kEnd);
  }
  Advance();
  return true;
}

void FrameStream::Keep() {
  const auto metrics = services_.metrics_of(waiting_->frame.models.front());
  absl::StatusOr<Admission::Ticket> ticket =
      services_.admission.Enter(waiting_->frame.bytes, *metrics);
  if (ticket.ok()) {
    waiting_->ticket = *std::move(ticket);
  } else {
    waiting_->refused = ticket.status();
    waiting_->frame.ask = nullptr;  // its memory goes
  }
}

void FrameStream::DropWaiting(FrameDropReason reason) {
  if (waiting_.has_value()) {
    CountDrop(waiting_->frame.models, reason);
    waiting_.reset();
  }
}

void FrameStream::CountDrop(const std::vector<ModelReference>& models, FrameDropReason reason) {
  ++dropped_;
  ++dropped_total_;
  for (const ModelReference& model : models) {
    services_.metrics_of(model)->CountFrameDrop(reason);
  }
}

void FrameStream::Advance() {
  // Its work may end it, and with it whoever called this, before that returns.
  const std::shared_ptr<FrameStream> self = shared_from_this();
  std::optional<Waiting> next;
  absl::Status end;
  int64_t dropped_total = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (state_ != State::kIdle) {
      return;
    }
    if (waiting_.has_value() && services_.clock.Now() - waiting_->arrived >
                                    waiting_->frame.max_age.value_or(absl::InfiniteDuration())) {
      DropWaiting(FrameDropReason::kAge);
    }
    if (waiting_.has_value()) {
      state_ = State::kAsking;
      next = std::exchange(waiting_, std::nullopt);
      id_ = next->frame.id;
      arrived_ = next->arrived;
      models_ = next->frame.models;
      cancellation_ = std::make_shared<Cancellation>();
      ++asking_;
    } else if (end_.has_value() || closed_) {
      state_ = State::kEnded;
      end = end_.value_or(absl::OkStatus());
      dropped_total = dropped_total_;
    } else {
      return;
    }
  }
  if (!next.has_value()) {
    on_end_(this);
    return wire_.End(end, dropped_total);
  }
  Ask(*std::move(next));
}

void FrameStream::Ask(Waiting frame) {
  const std::shared_ptr<FrameStream> self = shared_from_this();
  if (frame.refused.ok()) {
    Call call = call_;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      call.cancellation = cancellation_;
    }
    frame.ticket = Admission::Ticket();  // the question asks for room by itself
    frame.frame.ask(call, [self](const absl::Status& status) { self->Answered(status); });
  } else {
    Answered(frame.refused);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--asking_ == 0) {
    asked_.notify_all();
  }
}

void FrameStream::Answered(const absl::Status& status) {
  FrameReport report;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    state_ = State::kSending;
    report = {id_, services_.clock.Now() - arrived_, std::exchange(dropped_, 0), dropped_total_,
              status};
    if (status.ok()) {
      for (const ModelReference& model : models_) {
        services_.metrics_of(model)->ObserveFrameDelay(report.delay);
      }
    }
  }
  wire_.Send(report);
}

}  // namespace dnnd::server
