// One unary call: the frame around a handler.
#ifndef DNND_SERVER_GRPC_UNARY_CALL_H_
#define DNND_SERVER_GRPC_UNARY_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/handlers/call.h"

namespace dnnd::server {

// The request id that the client sent as x-request-id, if it is one (1 to 128 printable
// characters), else a new one.
std::string RequestIdOf(const grpc::CallbackServerContext& context);

// Deadline and request id from the wire, with a cancellation of its own. Sends the id back in the
// initial metadata.
Call MakeCall(grpc::CallbackServerContext* context);

// Takes deadline, cancellation and request id from the wire, and the answer back to it. Request
// and response messages live until gRPC calls OnDone, which is after Answer, so that a handler may
// hold views of them. Deletes itself.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryCall(grpc::CallbackServerContext* context) : call_(MakeCall(context)) {}

  const Call& call() const { return call_; }

  // To be called exactly once, on any thread, also after the call was cancelled.
  void Answer(const absl::Status& status);

 private:
  ~UnaryCall() override = default;
  void OnCancel() override { call_.cancellation->Cancel(); }
  void OnDone() override { delete this; }

  const Call call_;
};

// For a handler's `done`: has `fill` write the result into the response message, unless it is an
// error, and answers `call`.
template <typename Result, typename Fill>
Done<Result> Answering(UnaryCall* call, Fill fill) {
  return [call, fill = std::move(fill)](absl::StatusOr<Result> result) {
    if (result.ok()) {
      fill(*result);
    }
    call->Answer(result.status());
  };
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_UNARY_CALL_H_
