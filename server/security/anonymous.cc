#include "server/security/anonymous.h"

#include "absl/strings/str_cat.h"

namespace dnnd::server {

absl::Status CheckAnonymousAccess(const ListenOptions& options) {
  if (options.allow_anonymous) {
    return absl::OkStatus();
  }
  for (const Address* address : {&options.grpc, &options.http}) {
    if (!address->IsLoopback()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "got the address ", address->ToString(),
          ", which other machines can reach, and there is neither TLS nor a token: anyone could "
          "use and unload models. Want a loopback address, or --allow-anonymous if the network "
          "itself keeps strangers out"));
    }
  }
  return absl::OkStatus();
}

}  // namespace dnnd::server
