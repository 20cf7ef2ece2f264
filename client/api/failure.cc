#include "client/api/failure.h"

#include <google/rpc/code.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

void ReadDetail(const google::protobuf::Any& detail, Failure& failure) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  google::rpc::RequestInfo request;
  if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) {
    failure.reason = info.reason();
    failure.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (detail.Is<google::rpc::BadRequest>() && detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      failure.fields.emplace_back(violation.field(), violation.description());
    }
  } else if (detail.Is<google::rpc::RetryInfo>() && detail.UnpackTo(&retry)) {
    failure.retry_delay = absl::Seconds(retry.retry_delay().seconds()) +
                          absl::Nanoseconds(retry.retry_delay().nanos());
  } else if (detail.Is<google::rpc::RequestInfo>() && detail.UnpackTo(&request)) {
    failure.request_id = request.request_id();
  }
}

ExitCode ExitCodeOf(grpc::StatusCode code, bool server_said_it) {
  if (code == grpc::StatusCode::DEADLINE_EXCEEDED) return ExitCode::kDeadline;
  // A draining server says UNAVAILABLE too, but with its reason.
  if (code == grpc::StatusCode::UNAVAILABLE && !server_said_it) return ExitCode::kUnreachable;
  return ExitCode::kRefused;
}

}  // namespace

std::string CodeName(int code) {
  const std::string& name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
  return name.empty() ? absl::StrCat("CODE_", code) : name;
}

Failure ReadFailure(const grpc::Status& status) {
  Failure failure;
  failure.code = CodeName(status.error_code());
  failure.message = status.error_message();
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) ReadDetail(detail, failure);
  }
  failure.exit_code = ExitCodeOf(status.error_code(), !failure.reason.empty());
  return failure;
}

std::string HintFor(const Failure& failure, absl::string_view address, absl::Duration timeout) {
  if (failure.exit_code == ExitCode::kUnreachable) {
    return absl::StrCat("is dnnd running at ", address,
                        "? Name another with --address or DNNCTL_ADDRESS");
  }
  if (const auto task = failure.metadata.find("got");
      failure.reason == "TASK_MISMATCH" && task != failure.metadata.end()) {
    const std::string command = absl::AsciiStrToLower(task->second);
    if (command == "classify" || command == "detect" || command == "segment") {
      return absl::StrCat("ask it with: dnnctl ", command);
    }
  }
  if (const auto hint = failure.metadata.find("hint"); hint != failure.metadata.end()) {
    return hint->second;
  }
  if (failure.retry_delay.has_value()) {
    return absl::StrCat("try again in ", absl::FormatDuration(*failure.retry_delay));
  }
  if (failure.exit_code == ExitCode::kDeadline) {
    return absl::StrCat("allow more than ", absl::FormatDuration(timeout),
                        " with --timeout, or see what is slow: dnnctl status");
  }
  if (failure.code == "NOT_FOUND") return "see what there is: dnnctl models list";
  if (failure.code == "UNIMPLEMENTED")
    return "client and server may be of different versions: dnnctl version, dnnctl status";
  if (failure.code == "RESOURCE_EXHAUSTED")
    return "the server is full or a limit is exceeded: dnnctl status";
  if (failure.code == "INTERNAL" || failure.code == "UNKNOWN")
    return "the server's log has more under the request id";
  return "";
}

}  // namespace dnnd::client
