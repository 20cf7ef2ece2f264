#include "client/api/call.h"

#include <grpcpp/client_context.h>

namespace dnnd::client {

void ApplyOptions(const CallOptions& options, grpc::ClientContext& context) {
  if (options.timeout != absl::InfiniteDuration()) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
  }
  if (!options.request_id.empty()) context.AddMetadata("x-request-id", options.request_id);
}

}  // namespace dnnd::client
