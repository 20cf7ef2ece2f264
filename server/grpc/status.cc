#include "server/grpc/status.h"

#include <string>

#include "google/rpc/status.pb.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

// Stock clients take 8 KiB of metadata; the message travels twice, once of that in base64, and the
// facts of ErrorInfo travel beside it.
constexpr size_t kMaxMessageBytes = 1500;

absl::string_view CutMessage(absl::string_view message) {
  if (message.size() <= kMaxMessageBytes) {
    return message;
  }
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<uint8_t>(message[end]) & 0xc0) == 0x80) {
    --end;  // never inside a character
  }
  return message.substr(0, end);
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  google::rpc::Status rpc = ToRpcStatus(status, request_id);
  rpc.set_message(std::string(CutMessage(rpc.message())));
  return {static_cast<grpc::StatusCode>(rpc.code()), rpc.message(), rpc.SerializeAsString()};
}

}  // namespace dnnd::server
