#include "server/daemon/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/atomic_file.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "server/batching/warm_up.h"
#include "server/daemon/build_info.h"
#include "server/daemon/ready_file.h"
#include "server/handlers/detection_config.h"
#include "server/handlers/readiness.h"
#include "server/repository/scan.h"
#include "server/vision/labels.h"

namespace dnnd::server {

namespace {

// Answers that were made while the drain ended still have to leave.
constexpr absl::Duration kLastAnswers = absl::Seconds(2);
constexpr absl::Duration kAnswersLeave = absl::Milliseconds(200);
constexpr absl::Duration kConnectionsClose = absl::Seconds(1);

LogLevel ToLevel(v1::ServerConfig::Log::Level level) {
  switch (level) {
    case v1::ServerConfig::Log::DEBUG:
      return LogLevel::kDebug;
    case v1::ServerConfig::Log::WARNING:
      return LogLevel::kWarning;
    case v1::ServerConfig::Log::ERROR:
      return LogLevel::kError;
    default:
      return LogLevel::kInfo;
  }
}

LogFormat ToFormat(v1::ServerConfig::Log::Format format) {
  return format == v1::ServerConfig::Log::JSON ? LogFormat::kJson : LogFormat::kText;
}

// Every connection is a descriptor, and the default limit of many systems is 1024.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace

absl::Status CheckLanes(const LaneOptions& options, const engine::CpuBudget& budget) {
  const auto cpus = static_cast<int>(budget.cpus.size());
  if (options.count.value_or(1) <= cpus) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("lanes.count: got ", *options.count,
                                                 ", want at most ", cpus,
                                                 ", the CPUs that this process may use"));
}

Server::Server(const ServerOptions& options, const std::string& program)
    : options_(options),
      log_(ToLevel(options.log.level), ToFormat(options.log.format),
           [this](const std::string& level) { metrics_.CountLogLine(level); }),
      admission_(options.limits.max_queued_bytes, metrics_),
      workers_(options.lanes.decode_threads.value_or(static_cast<int>(budget_.cpus.size()))),
      checker_({.program = program, .memory_bytes = options.store.memory_budget_bytes}) {}

Server::~Server() {
  admission_.Drain();
  grpc_.reset();
  http_.reset();  // it asks the repository
  if (lane_source_.has_value()) {
    repository_.reset();
    lane_source_->Stop();
  }
  if (state_lock_ != nullptr) {  // else it is another daemon's
    RemoveReadyFile(options_.listen.ready_file);
  }
}

absl::StatusOr<std::unique_ptr<Server>> Server::Create(const ServerOptions& options,
                                                       const std::string& program) {
  RaiseDescriptorLimit();
  std::unique_ptr<Server> server(new Server(options, program));
  DNND_RETURN_IF_ERROR(server->Build());
  return server;
}

absl::Status Server::Build() {
  DNND_RETURN_IF_ERROR(CheckLanes(options_.lanes, budget_));
  DNND_ASSIGN_OR_RETURN(state_lock_, StateLock::Acquire(options_.store.state_dir));
  DNND_ASSIGN_OR_RETURN(state_db_, StateDb::Open(options_.store.state_dir));
  DNND_ASSIGN_OR_RETURN(labels_, VersionLabels::Read(*state_db_));
  RemoveReadyFile(options_.listen.ready_file);  // of a daemon that was killed
  DNND_RETURN_IF_ERROR(CheckPlaces());
  const v1::BuildInfo build = BuildInformation();
  metrics_.SetBuild(
      {kDaemonVersion, build.onednn_version(), build.isa(), build.compiler(), build.build_type()});
  health_.Set("", false);
  DNND_RETURN_IF_ERROR(BuildEngine());
  BuildHandlers();
  DNND_RETURN_IF_ERROR(BuildListeners());
  log_.Info("listening", {{"grpc_address", grpc_address().ToString()},
                          {"http_address", http_address().ToString()},
                          {"version", kDaemonVersion}});
  return repository_->Start();
}

// Nobody should connect to a daemon that then ends, or wait for a file that cannot come.
absl::Status Server::CheckPlaces() const {
  DNND_RETURN_IF_ERROR(ScanStore(options_.store.model_store).status());
  if (options_.listen.ready_file.empty()) {
    return absl::OkStatus();
  }
  return engine::Annotate(engine::AtomicFile::Create(options_.listen.ready_file).status(),
                          "ready_file");
}

absl::Status Server::BuildEngine() {
  engine::LaneGroup::Options lanes;
  lanes.budget = budget_;
  lanes.narrow_lanes = options_.lanes.count.value_or(0);
  DNND_ASSIGN_OR_RETURN(lanes_, engine::LaneGroup::Create(lanes));
  metrics_.SetLanes(LaneKind::kNarrow, lanes_->narrow_lanes());
  metrics_.SetLanes(LaneKind::kWide, 1);
  lane_source_.emplace(*lanes_);
  scheduler_.emplace(*lane_source_, timer_, metrics_, log_, engine::Clock::Real());
  lane_source_->Start(*scheduler_);
  EngineVersionLoader::Options loader;
  loader.default_precision = options_.store.precision;
  loader.parse_labels = &ParseLabels;
  loader.recognise_detector = &RecogniseDetector;
  loader.attach_detector = &AttachDetector;
  loader.warm_up = [this](ServedModel& served) { return WarmUp(*lanes_, served); };
  loader_.emplace(std::move(loader), checker_);
  RepositoryOptions repository;
  repository.model_store = options_.store.model_store;
  repository.poll_interval = options_.store.poll_interval;
  repository.memory_budget_bytes = options_.store.memory_budget_bytes;
  repository.labelled = [this](const std::string& model) {
    std::vector<int64_t> versions;
    for (const auto& [label, version] : labels_->Of(model)) {
      versions.push_back(version);
    }
    return versions;
  };
  repository.on_change = [this](const std::string& name, std::optional<bool> serves) {
    if (serves.has_value()) {
      health_.Set(name, *serves);
    } else {
      health_.Remove(name);
    }
  };
  repository.on_released = [this] { lanes_->Trim(); };
  repository.on_settled = [this] { OnSettled(); };
  repository_.emplace(std::move(repository), *loader_, metrics_, log_);
  return absl::OkStatus();
}

void Server::BuildHandlers() {
  const Telemetry telemetry{metrics_, log_};
  inference_.emplace(InferenceServices{*repository_, *labels_, *scheduler_, admission_, workers_,
                                       telemetry, options_.limits});
  streams_.emplace(MakeFrameServices(*inference_, engine::Clock::Real()),
                   options_.limits.max_open_streams);
  predict_.emplace(*inference_);
  models_.emplace(*repository_, *labels_, admission_, telemetry);
}

absl::Status Server::BuildListeners() {
  DNND_ASSIGN_OR_RETURN(
      listener_, ConnectionListener::Create(options_.listen.grpc, options_.limits.max_connections));
  DNND_ASSIGN_OR_RETURN(
      http_, HttpServer::Create(options_.listen.http,
                                {[this] { return MetricsText(); },
                                 [this] { return NotReadyBecause(*repository_, admission_); }}));
  grpc_address_ = listener_->address();
  http_address_ = http_->address();
  admin_.emplace(MakeFacts(), *repository_, admission_, Telemetry{metrics_, log_});
  vision_service_.emplace(*inference_, *streams_);
  predict_service_.emplace(*predict_);
  model_service_.emplace(*models_);
  admin_service_.emplace(*admin_);
  DNND_ASSIGN_OR_RETURN(grpc_, GrpcServer::Create(*listener_, options_.limits,
                                                  {&*vision_service_, &*predict_service_,
                                                   &*model_service_, &*admin_service_, &health_}));
  return absl::OkStatus();
}

AdminHandler::Facts Server::MakeFacts() const {
  AdminHandler::Facts facts;
  facts.version = kDaemonVersion;
  facts.build = BuildInformation();
  facts.config = EffectiveConfig(options_);
  facts.config.set_grpc_address(grpc_address_.ToString());
  facts.config.set_http_address(http_address_.ToString());
  facts.config.mutable_lanes()->set_count(lanes_->narrow_lanes());
  facts.config.mutable_lanes()->set_decode_threads(workers_.threads());
  facts.start = start_;
  facts.lanes = [this] { return Lanes(); };
  return facts;
}

v1::LaneStatus Server::Lanes() const {
  v1::LaneStatus status;
  status.set_count(lanes_->narrow_lanes());
  status.set_threads_per_lane(1);
  status.set_wide_threads(lanes_->wide_width());
  status.set_busy(lanes_->busy_lanes());
  status.set_cpus(static_cast<int>(budget_.cpus.size()));
  status.set_queued_items(scheduler_->waiting_rows());
  return status;
}

std::string Server::MetricsText() {
  const ConnectionListener::Counts counts = listener_->counts();
  metrics_.SetConnections(
      {listener_->open_connections(), counts.accepted, counts.refused, counts.accept_errors});
  return metrics_.Text();
}

void Server::OnSettled() {
  if (admission_.draining()) {
    return;  // it goes down before it was ever ready
  }
  health_.Set("", true);
  LogWhatServes();
  if (options_.listen.ready_file.empty()) {
    return;
  }
  const absl::Status written =
      WriteReadyFile(options_.listen.ready_file, grpc_address(), http_address());
  if (!written.ok()) {
    log_.Error("no ready file", {{"status", written}});
  }
}

void Server::LogWhatServes() const {
  const std::vector<ModelStatus> models = repository_->List();
  const int64_t serving = std::count_if(models.begin(), models.end(), [](const ModelStatus& model) {
    return model.serving_version.has_value();
  });
  const int64_t failed = static_cast<int64_t>(models.size()) - serving;
  if (models.empty()) {
    log_.Warning("no model in the store", {{"path", options_.store.model_store}});
  } else if (serving == 0) {
    log_.Warning("no model is ready", {{"failed", failed}});
  }
  log_.Info("ready", {{"models", serving}, {"failed", failed}});
}

bool Server::Drain() {
  log_.Info("draining", {{"requests", admission_.requests()}});
  streams_->Drain();
  admission_.Drain();
  health_.Drain();
  RemoveReadyFile(options_.listen.ready_file);
  const absl::Time until = absl::Now() + options_.drain;
  // A stream ends when its last answer has left, which is later than its ticket.
  const bool finished =
      admission_.WaitUntilEmpty(options_.drain) && streams_->WaitUntilEmpty(until - absl::Now());
  if (!finished) {
    log_.Warning("cutting off requests",
                 {{"requests", admission_.requests()}, {"streams", streams_->open()}});
  }
  listener_->Stop();
  // What was answered last leaves before its connection goes.
  absl::SleepFor(kAnswersLeave);
  listener_->EndConnections();
  const absl::Time closed = absl::Now() + kConnectionsClose;
  while (listener_->open_connections() > 0 && absl::Now() < closed) {
    absl::SleepFor(absl::Milliseconds(5));  // nobody tells when gRPC closes one
  }
  grpc_->Shutdown(kLastAnswers);
  log_.Info("drained");
  return finished;
}

}  // namespace dnnd::server
