#include "server/handlers/admin_handler.h"

#include <unistd.h>

#include <fstream>
#include <utility>

#include "server/handlers/readiness.h"

namespace dnnd::server {

namespace {

int64_t ResidentBytes() {
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

v1::ModelCounts CountModels(const std::vector<ModelStatus>& models) {
  v1::ModelCounts counts;
  for (const ModelStatus& model : models) {
    for (const VersionStatus& version : model.versions) {
      switch (version.state) {
        case ModelState::kLoading:
          counts.set_loading(counts.loading() + 1);
          break;
        case ModelState::kReady:
          counts.set_ready(counts.ready() + 1);
          break;
        case ModelState::kUnloading:
          counts.set_unloading(counts.unloading() + 1);
          break;
        case ModelState::kUnavailable:
          counts.set_unavailable(counts.unavailable() + 1);
          break;
      }
    }
  }
  return counts;
}

}  // namespace

AdminHandler::AdminHandler(Facts facts, const Repository& repository, const Admission& admission,
                           Telemetry telemetry)
    : facts_(std::move(facts)),
      repository_(repository),
      admission_(admission),
      telemetry_(telemetry) {}

v1::GetStatusResponse AdminHandler::Status(const Call& call) const {
  const RequestRecord record(telemetry_, Method::kGetStatus, call.request_id,
                             RequestRecord::About::kNothing);
  v1::GetStatusResponse response;
  response.set_version(facts_.version);
  response.set_uptime_seconds(absl::ToDoubleSeconds(absl::Now() - facts_.start));
  *response.mutable_build() = facts_.build;
  *response.mutable_lanes() = facts_.lanes();
  *response.mutable_limits() = facts_.config.limits();
  v1::MemoryStatus& memory = *response.mutable_memory();
  memory.set_budget_bytes(repository_.budget_bytes());
  memory.set_used_bytes(repository_.used_bytes());
  memory.set_resident_bytes(ResidentBytes());
  memory.set_queued_bytes(admission_.bytes());
  *response.mutable_models() = CountModels(repository_.List());
  response.set_draining(admission_.draining());
  response.set_ready(NotReadyBecause(repository_, admission_).empty());
  response.set_pid(getpid());
  response.set_grpc_address(facts_.config.grpc_address());
  response.set_http_address(facts_.config.http_address());
  record.End(absl::OkStatus());
  return response;
}

v1::GetConfigResponse AdminHandler::Config(const Call& call) const {
  const RequestRecord record(telemetry_, Method::kGetConfig, call.request_id,
                             RequestRecord::About::kNothing);
  v1::GetConfigResponse response;
  *response.mutable_config() = facts_.config;
  record.End(absl::OkStatus());
  return response;
}

}  // namespace dnnd::server
