// The one place where our errors become gRPC's.
#ifndef DNND_SERVER_GRPC_STATUS_H_
#define DNND_SERVER_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::server {

// The same code and message (cut where it would not fit the trailers of a stock client), and the
// details as google.rpc.Status in grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id);

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_STATUS_H_
