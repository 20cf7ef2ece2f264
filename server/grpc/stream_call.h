// One stream of frames on the wire, whatever is asked about them.
#ifndef DNND_SERVER_GRPC_STREAM_CALL_H_
#define DNND_SERVER_GRPC_STREAM_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dnnd/v1/vision.pb.h"
#include "server/grpc/convert.h"
#include "server/grpc/status.h"
#include "server/grpc/unary_call.h"
#include "server/handlers/errors.h"
#include "server/handlers/frame_streams.h"
#include "server/handlers/perceive_handler.h"

namespace dnnd::server {

// How many frames of a stream were dropped, in its trailing metadata.
inline constexpr char kFramesDroppedKey[] = "x-frames-dropped";

// Called once, when a frame's answer is there.
using FrameDone = std::function<void(const absl::Status&)>;

// Largest set-up of a stream, in bytes: it stays as long as the stream. Far above 16 tasks of 1000
// classes each.
inline constexpr size_t kMaxSetUpBytes = 65536;

// What a message sets holds until a later one sets it anew: moves it into `set_up`.
template <typename Request>
void MergeSetUp(Request* message, Request* set_up) {
  if constexpr (requires { message->tasks(); }) {
    if (message->tasks_size() > 0) {
      set_up->mutable_tasks()->Swap(message->mutable_tasks());
    }
  } else {
    if (message->has_model()) {
      set_up->mutable_model()->Swap(message->mutable_model());
    }
    if (message->has_options()) {
      set_up->mutable_options()->Swap(message->mutable_options());
    }
  }
  if (message->has_stream()) {
    set_up->mutable_stream()->Swap(message->mutable_stream());
  }
}

// The models that are asked about each frame, at most as many as there may be tasks.
template <typename Request>
std::vector<ModelReference> ModelsOf(const Request& set_up) {
  std::vector<ModelReference> models;
  if constexpr (requires { set_up.tasks(); }) {
    const int count = std::min<int>(set_up.tasks_size(), kMostPerceiveTasks);
    for (int i = 0; i < count; ++i) {
      models.push_back(ToReference(set_up.tasks(i).model()));
    }
  } else if (set_up.has_model()) {
    models.push_back(ToReference(set_up.model()));
  }
  return models;
}

// INVALID_ARGUMENT (INVALID_REQUEST) for what a stream cannot go on with.
absl::Status CheckSetUp(bool has_question, const v1::StreamOptions& options, size_t bytes);

// Between a stream of gRPC and a FrameStream. `Request` and `Response` are the messages of one of
// the Stream methods. Deletes itself. Invariants: the question of the frame in work lives until its
// answer has left; messages are read at all times, for it is the newest that counts.
template <typename Request, typename Response>
class StreamCall final : public grpc::ServerBidiReactor<Request, Response>, private FrameWire {
 public:
  // Fills `response` with what answers `question`, all but its frame, and then calls `done`, once,
  // on any thread. Both live until then.
  using Ask = std::function<void(const Call& call, const Request& question, Response* response,
                                 FrameDone done)>;

  StreamCall(grpc::CallbackServerContext* context, Method method, FrameStreams& streams, Ask ask)
      : context_(context), call_(MakeCall(context)), ask_(std::move(ask)) {
    auto stream = streams.Open(method, call_, *this);
    if (!stream.ok()) {
      this->Finish(ToGrpcStatus(stream.status(), call_.request_id));
      return;
    }
    stream_ = *std::move(stream);
    this->StartRead(&message_);
  }

 private:
  ~StreamCall() override = default;

  void OnReadDone(bool ok) override {
    if (!ok) {
      return stream_->Close();
    }
    Take();
    if (!ended_) {
      this->StartRead(&message_);
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      stream_->Cancel();
    }
    stream_->Sent();
  }

  void OnCancel() override {
    if (stream_ != nullptr) {
      stream_->Cancel();
    }
  }

  void OnDone() override { delete this; }

  // The message that was read.
  void Take() {
    MergeSetUp(&message_, &set_up_);
    std::vector<ModelReference> models = ModelsOf(set_up_);
    const absl::Status checked =
        CheckSetUp(!models.empty(), set_up_.stream(), set_up_.ByteSizeLong());
    if (!checked.ok()) {
      return stream_->Fail(checked);
    }
    if (!message_.has_frame()) {
      return;
    }
    auto question = std::make_shared<Request>(set_up_);
    question->mutable_frame()->Swap(message_.mutable_frame());
    StreamFrame frame;
    frame.id = question->frame().id();
    frame.bytes = static_cast<int64_t>(question->ByteSizeLong());
    frame.models = std::move(models);
    if (set_up_.stream().has_max_age_ms()) {
      frame.max_age = absl::Milliseconds(set_up_.stream().max_age_ms());
    }
    frame.ask = [this, question](const Call& call, FrameDone done) {
      response_.Clear();
      ask_(call, *question, &response_,
           [question, done = std::move(done)](const absl::Status& status) { done(status); });
    };
    stream_->Offer(std::move(frame));
  }

  void Send(const FrameReport& report) override {
    if (!report.status.ok()) {
      response_.Clear();
    }
    v1::FrameReport& frame = *response_.mutable_frame();
    frame.set_id(report.id);
    frame.set_delay_ms(absl::ToDoubleMilliseconds(report.delay));
    frame.set_dropped(report.dropped);
    frame.set_dropped_total(report.dropped_total);
    if (!report.status.ok()) {
      *frame.mutable_error() = ToRpcStatus(report.status, call_.request_id);
    }
    this->StartWrite(&response_);
  }

  void End(const absl::Status& status, int64_t dropped_total) override {
    ended_ = true;
    context_->AddTrailingMetadata(kFramesDroppedKey, absl::StrCat(dropped_total));
    this->Finish(ToGrpcStatus(status, call_.request_id));
  }

  grpc::CallbackServerContext* const context_;
  const Call call_;
  const Ask ask_;
  std::shared_ptr<FrameStream> stream_;  // null where none could be opened
  std::atomic<bool> ended_ = false;
  // Of the reading side.
  Request message_;
  Request set_up_;
  // Of the frame in work, until it was written.
  Response response_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_STREAM_CALL_H_
