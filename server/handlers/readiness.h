// Whether the daemon wants requests.
#ifndef DNND_SERVER_HANDLERS_READINESS_H_
#define DNND_SERVER_HANDLERS_READINESS_H_

#include <string>

#include "server/handlers/admission.h"
#include "server/repository/repository.h"

namespace dnnd::server {

// Empty when the daemon is ready: every model found at start is ready or has failed, and it is not
// draining. Else why not.
inline std::string NotReadyBecause(const Repository& repository, const Admission& admission) {
  if (admission.draining()) {
    return "the server is going down";
  }
  return repository.settled() ? "" : "models are being loaded";
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_READINESS_H_
