// One stream of frames on the wire, whatever is asked about them.
#ifndef DNND_SERVER_GRPC_STREAM_CALL_H_
#define DNND_SERVER_GRPC_STREAM_CALL_H_

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dnnd/v1/vision.pb.h"
#include "server/grpc/status.h"
#include "server/grpc/stream_set_up.h"
#include "server/grpc/unary_call.h"
#include "server/handlers/errors.h"
#include "server/handlers/frame_streams.h"

namespace dnnd::server {

// How many frames of a stream were dropped, in its trailing metadata.
inline constexpr char kFramesDroppedKey[] = "x-frames-dropped";

// Called once, when a frame's answer is there.
using FrameDone = std::function<void(const absl::Status&)>;

// What gRPC reads and writes. The bytes are parsed here: gRPC tells a message that it cannot parse
// from the end of the stream no more than by the same OnReadDone(false).
using StreamReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// Between a stream of gRPC and a FrameStream. `Request` and `Response` are the messages of one of
// the Stream methods. Deletes itself. Invariants: the question of the frame in work lives until its
// answer is made, and the answer until it has left; no message and no answer is kept beyond, for a
// stream may be idle for long; messages are read at all times, for it is the newest that counts.
template <typename Request, typename Response>
class StreamCall final : public StreamReactor, private FrameWire {
 public:
  // Fills the empty `response` with what answers `question`, all but its frame, and then calls
  // `done`, once, on any thread; leaves it empty where there is an error. Both live until then.
  using Ask = std::function<void(const Call& call, const Request& question, Response* response,
                                 FrameDone done)>;

  StreamCall(grpc::CallbackServerContext* context, Method method, FrameStreams& streams, Ask ask)
      : context_(context), call_(MakeCall(context)), ask_(std::move(ask)) {
    auto stream = streams.Open(method, call_, *this);
    if (!stream.ok()) {
      Finish(ToGrpcStatus(stream.status(), call_.request_id));
      return;
    }
    stream_ = *std::move(stream);
    StartRead(&read_);
  }

 private:
  ~StreamCall() override = default;

  void OnReadDone(bool ok) override {
    if (!ok) {
      return stream_->Close();
    }
    Request message;
    if (grpc::SerializationTraits<Request>::Deserialize(&read_, &message).ok()) {
      Take(std::move(message));
    } else {
      stream_->Fail(NotAMessage(Request::descriptor()->full_name()));
    }
    read_.Clear();
    if (!ended_) {
      StartRead(&read_);
    }
  }

  void OnWriteDone(bool ok) override {
    written_.Clear();
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

  void Take(Request message) {
    message.DiscardUnknownFields();
    MergeSetUp(&message, &set_up_);
    std::vector<ModelReference> models = ModelsOf(set_up_);
    const absl::Status checked =
        CheckSetUp(!models.empty(), set_up_.stream(), set_up_.ByteSizeLong());
    if (!checked.ok()) {
      set_up_ = Request();
      return stream_->Fail(checked);
    }
    if (!message.has_frame()) {
      return;
    }
    auto question = std::make_shared<Request>(set_up_);
    question->mutable_frame()->Swap(message.mutable_frame());
    StreamFrame frame;
    frame.id = question->frame().id();
    frame.bytes = static_cast<int64_t>(question->ByteSizeLong());
    frame.models = std::move(models);
    if (set_up_.stream().has_max_age_ms()) {
      frame.max_age = absl::Milliseconds(set_up_.stream().max_age_ms());
    }
    frame.ask = [this, question](const Call& call, FrameDone done) {
      ask_(call, *question, &response_,
           [question, done = std::move(done)](const absl::Status& status) { done(status); });
    };
    stream_->Offer(std::move(frame));
  }

  void Send(const FrameReport& report) override {
    v1::FrameReport& frame = *response_.mutable_frame();
    frame.set_id(report.id);
    frame.set_delay_ms(absl::ToDoubleMilliseconds(report.delay));
    frame.set_dropped(report.dropped);
    frame.set_dropped_total(report.dropped_total);
    if (!report.status.ok()) {
      *frame.mutable_error() = ToRpcStatus(report.status, call_.request_id);
    }
    bool owned = false;
    const grpc::Status serialized =
        grpc::SerializationTraits<Response>::Serialize(response_, &written_, &owned);
    response_ = Response();
    if (serialized.ok()) {
      return StartWrite(&written_);
    }
    stream_->Fail(absl::InternalError("an answer is larger than a message can be"));
    stream_->Sent();
  }

  void End(const absl::Status& status, int64_t dropped_total) override {
    ended_ = true;
    context_->AddTrailingMetadata(kFramesDroppedKey, absl::StrCat(dropped_total));
    Finish(ToGrpcStatus(status, call_.request_id));
  }

  grpc::CallbackServerContext* const context_;
  const Call call_;
  const Ask ask_;
  std::shared_ptr<FrameStream> stream_;  // null where none could be opened
  std::atomic<bool> ended_ = false;
  // Of the reading side.
  grpc::ByteBuffer read_;
  Request set_up_;
  // Of the frame in work: its answer, and that on its way out.
  Response response_;
  grpc::ByteBuffer written_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_STREAM_CALL_H_
