// Who may reach the daemon without saying who they are.
#ifndef DNND_SERVER_SECURITY_ANONYMOUS_H_
#define DNND_SERVER_SECURITY_ANONYMOUS_H_

#include "absl/status/status.h"
#include "server/config/options.h"

namespace dnnd::server {

// The listeners speak neither TLS nor tokens: unless every address is loopback, the operator must
// have said in so many words that anyone may call. FAILED_PRECONDITION naming the address and the
// flag.
absl::Status CheckAnonymousAccess(const ListenOptions& options);

}  // namespace dnnd::server

#endif  // DNND_SERVER_SECURITY_ANONYMOUS_H_
