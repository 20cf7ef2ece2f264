// The daemon as one object: built in order, drained, and taken down in the opposite order.
#ifndef DNND_SERVER_DAEMON_SERVER_H_
#define DNND_SERVER_DAEMON_SERVER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "engine/engine.h"
#include "server/batching/lane_source.h"
#include "server/batching/scheduler.h"
#include "server/batching/timer.h"
#include "server/config/options.h"
#include "server/grpc/admin_service.h"
#include "server/grpc/grpc_server.h"
#include "server/grpc/health_service.h"
#include "server/grpc/model_service.h"
#include "server/grpc/predict_service.h"
#include "server/grpc/vision_service.h"
#include "server/http/http_server.h"
#include "server/repository/engine_version_loader.h"
#include "server/repository/model_checker.h"
#include "server/store/state_db.h"
#include "server/store/state_lock.h"
#include "server/store/version_labels.h"
#include "server/telemetry/logger.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

// INVALID_ARGUMENT when more lanes are asked for than the CPUs that this process may use.
absl::Status CheckLanes(const LaneOptions& options, const engine::CpuBudget& budget);

inline constexpr char kDaemonVersion[] = DNND_VERSION;

// Thread-safe, but for Drain. Invariant: members stand in the order in which they are built, and
// each uses only those before it, so that the destructor takes them down safely.
class Server {
 public:
  // Takes the state folder and both ports, begins to answer and to load; returns before the models
  // are ready. FAILED_PRECONDITION when the folder is another daemon's, INVALID_ARGUMENT
  // for more lanes than CPUs, ALREADY_EXISTS or UNAVAILABLE when a port cannot be had; else what
  // the system says. `program` answers --check-model: the daemon's own.
  static absl::StatusOr<std::unique_ptr<Server>> Create(
      const ServerOptions& options, const std::string& program = "/proc/self/exe");
  ~Server();

  const Address& grpc_address() const { return grpc_address_; }
  const Address& http_address() const { return http_address_; }
  const Logger& log() const { return log_; }

  // Not ready from now on; refuses what is new, finishes what was admitted for as long as the
  // configuration allows, and closes the gRPC port. Blocks. True when nothing was cut off.
  bool Drain();

 private:
  Server(const ServerOptions& options, const std::string& program);

  absl::Status Build();
  absl::Status CheckPlaces() const;
  absl::Status BuildEngine();
  void BuildHandlers();
  absl::Status BuildListeners();
  AdminHandler::Facts MakeFacts() const;
  v1::LaneStatus Lanes() const;
  std::string MetricsText();
  void OnSettled();
  void LogWhatServes() const;

  const ServerOptions options_;
  const absl::Time start_ = absl::Now();
  const engine::CpuBudget budget_ = engine::DetectCpuBudget();
  Metrics metrics_;
  Logger log_;
  HealthService health_;
  Admission admission_;
  std::unique_ptr<StateLock> state_lock_;
  std::unique_ptr<StateDb> state_db_;
  std::unique_ptr<VersionLabels> labels_;

  WorkerPool workers_;
  std::unique_ptr<engine::LaneGroup> lanes_;
  std::optional<LaneSource> lane_source_;
  ThreadTimer timer_;
  std::optional<Scheduler> scheduler_;
  ChildModelChecker checker_;
  std::optional<EngineVersionLoader> loader_;
  std::optional<Repository> repository_;

  std::optional<InferenceServices> inference_;
  std::optional<FrameStreams> streams_;
  std::optional<PredictHandler> predict_;
  std::optional<ModelHandler> models_;
  std::optional<AdminHandler> admin_;

  std::optional<VisionService> vision_service_;
  std::optional<PredictService> predict_service_;
  std::optional<ModelService> model_service_;
  std::optional<AdminService> admin_service_;
  Address grpc_address_;
  Address http_address_;
  std::unique_ptr<ConnectionListener> listener_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<GrpcServer> grpc_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_DAEMON_SERVER_H_
