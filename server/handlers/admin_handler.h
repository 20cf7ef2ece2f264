// How the daemon is, and how it is configured.
#ifndef DNND_SERVER_HANDLERS_ADMIN_HANDLER_H_
#define DNND_SERVER_HANDLERS_ADMIN_HANDLER_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "dnnd/v1/admin.pb.h"
#include "server/handlers/admission.h"
#include "server/handlers/call.h"
#include "server/handlers/request_record.h"
#include "server/repository/repository.h"

namespace dnnd::server {

// Thread-safe. Everything that it is given outlives it.
class AdminHandler {
 public:
  // What does not change while the daemon runs.
  struct Facts {
    std::string version;
    v1::BuildInfo build;
    v1::ServerConfig config;  // in force, every field set
    absl::Time start;
    // The lanes as they are right now.
    std::function<v1::LaneStatus()> lanes;
  };

  AdminHandler(Facts facts, const Repository& repository, const Admission& admission,
               Telemetry telemetry);

  v1::GetStatusResponse Status(const Call& call) const;
  v1::GetConfigResponse Config(const Call& call) const;

 private:
  const Facts facts_;
  const Repository& repository_;
  const Admission& admission_;
  const Telemetry telemetry_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_ADMIN_HANDLER_H_
