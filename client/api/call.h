#ifndef DNND_CLIENT_API_CALL_H_
#define DNND_CLIENT_API_CALL_H_

#include <string>
#include <utility>

#include "absl/time/time.h"

namespace grpc {
class ClientContext;
class Status;
}  // namespace grpc

namespace dnnd::client {

// What every call of one run of dnnctl carries.
struct CallOptions {
  // How long one call may take. InfiniteDuration: no deadline.
  absl::Duration timeout = absl::Seconds(30);
  // Sent as x-request-id. Empty: the server makes one.
  std::string request_id;
};

// Puts the options on a call that has not begun.
void ApplyOptions(const CallOptions& options, grpc::ClientContext& context);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_CALL_H_
