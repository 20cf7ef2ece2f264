// Everything that /metrics shows.
#ifndef DNND_SERVER_TELEMETRY_METRICS_H_
#define DNND_SERVER_TELEMETRY_METRICS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/telemetry/model_metrics.h"

namespace dnnd::server {

// Labels of dnnd_build_info.
struct BuildLabels {
  std::string version;
  std::string onednn;
  std::string isa;
  std::string compiler;
  std::string build_type;
};

// gRPC connections: those that are open, and what happened so far.
struct ConnectionCounts {
  int64_t open = 0;
  int64_t accepted = 0;
  int64_t refused = 0;
  int64_t accept_errors = 0;
};

// Thread-safe. Must outlive every handle that it gave out.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The series of a version that exists. All users of one version share them, an old instance that
  // drains and its replacement too; they are removed with the last.
  std::shared_ptr<ModelMetrics> ForModel(const std::string& model, int64_t version);

  // For requests that name a model which does not exist: model="_unknown", which no model can be
  // called, whatever the client wrote.
  ModelMetrics& UnknownModel() { return *unknown_; }

  // For requests that are about no model, such as ListModels: model="".
  ModelMetrics& NoModel() { return *none_; }

  void SetBuild(const BuildLabels& build);
  void SetLanes(LaneKind kind, int count);
  void SetLanesBusy(LaneKind kind, int count);
  void SetQueuedBytes(int64_t bytes);
  void SetOpenStreams(int64_t count);
  void SetConnections(const ConnectionCounts& counts);
  void CountLogLine(const std::string& level);

  // All of it in Prometheus' text format 0.0.4.
  std::string Text() const;

 private:
  struct Users {
    int count = 0;
    std::unique_ptr<ModelMetrics> metrics;
  };
  using Key = std::pair<std::string, int64_t>;
  void Release(const Key& key);

  struct State;  // the registry and what it holds; prometheus-cpp stays out of this header
  const std::unique_ptr<State> state_;
  const std::unique_ptr<ModelMetrics> unknown_;
  const std::unique_ptr<ModelMetrics> none_;

  std::mutex mutex_;
  std::map<Key, Users> models_;  // guarded by mutex_
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_METRICS_H_
