// Errors as the daemon sends them.
#ifndef DNND_TESTS_CLIENT_REFUSAL_H_
#define DNND_TESTS_CLIENT_REFUSAL_H_

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <string>

namespace dnnd::client {

// With ErrorInfo, and with BadRequest where a field is to blame.
inline grpc::Status Refusal(grpc::StatusCode code, const std::string& message,
                            const std::string& reason, const std::string& field = "") {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("dnnd");
  status.add_details()->PackFrom(info);
  if (!field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description("no picture");
    status.add_details()->PackFrom(bad_request);
  }
  return grpc::Status(code, message, status.SerializeAsString());
}

}  // namespace dnnd::client

#endif  // DNND_TESTS_CLIENT_REFUSAL_H_
