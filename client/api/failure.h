#ifndef DNND_CLIENT_API_FAILURE_H_
#define DNND_CLIENT_API_FAILURE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace dnnd::client {

// The exit codes that scripts rely on.
enum class ExitCode {
  kDone = 0,
  kRefused = 1,      // the server said no
  kUsage = 2,        // the command line or a local file is wrong
  kUnreachable = 3,  // nobody answered
  kDeadline = 4,     // no answer in time
};

// Why a call failed, as the server told it in google.rpc.Status, or as gRPC found out by itself. A
// value.
struct Failure {
  ExitCode exit_code = ExitCode::kRefused;
  std::string code;                             // canonical name: "NOT_FOUND"
  std::string message;                          // what happened
  std::string reason;                           // ErrorInfo.reason; empty when no server said it
  std::map<std::string, std::string> metadata;  // ErrorInfo.metadata
  std::vector<std::pair<std::string, std::string>> fields;  // BadRequest: path, description
  std::optional<absl::Duration> retry_delay;                // RetryInfo
  std::string request_id;                                   // RequestInfo
};

// REQUIRES: !status.ok(). Details that cannot be read are left out.
Failure ReadFailure(const grpc::Status& status);

// Name of a canonical code by its number: "NOT_FOUND"; "CODE_99" for an unknown one.
std::string CodeName(int code);

// What to do about it, in one line: the server's own hint where it gave one. Empty when there is
// nothing to say.
std::string HintFor(const Failure& failure, absl::string_view address, absl::Duration timeout);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_FAILURE_H_
