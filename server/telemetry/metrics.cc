#include "server/telemetry/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "absl/strings/str_cat.h"
#include "server/telemetry/families.h"
#include "server/telemetry/process_collector.h"

namespace dnnd::server {

struct Metrics::State {
  prometheus::Registry registry;
  Families families{registry};
  ProcessCollector process;
  // Set at every batch: found once.
  prometheus::Gauge* const lanes_busy[2] = {
      &families.lanes_busy.Add({{"kind", std::string(kLaneKindNames[0])}}),
      &families.lanes_busy.Add({{"kind", std::string(kLaneKindNames[1])}})};
  prometheus::Gauge& queued_bytes = families.queued_bytes.Add({});
  prometheus::Gauge& streams = families.streams.Add({});
  prometheus::Gauge& connections = families.connections.Add({});
  prometheus::Counter& connections_accepted = families.connections_accepted.Add({});
  prometheus::Counter& connections_refused = families.connections_refused.Add({});
  prometheus::Counter& accept_errors = families.accept_errors.Add({});
};

Metrics::Metrics()
    : state_(std::make_unique<State>()),
      unknown_(std::make_unique<ModelMetrics>(state_->families, "_unknown", "")),
      none_(std::make_unique<ModelMetrics>(state_->families, "", "")) {}

Metrics::~Metrics() = default;

std::shared_ptr<ModelMetrics> Metrics::ForModel(const std::string& model, int64_t version) {
  const Key key(model, version);
  const std::lock_guard<std::mutex> lock(mutex_);
  Users& users = models_[key];
  if (users.metrics == nullptr) {
    users.metrics = std::make_unique<ModelMetrics>(state_->families, model, absl::StrCat(version));
  }
  ++users.count;
  // Counted by hand rather than by a weak_ptr: series must not be removed by a last user while a
  // next one, of the same labels, is already finding them.
  return {users.metrics.get(), [this, key](ModelMetrics*) { Release(key); }};
}

void Metrics::Release(const Key& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = models_.find(key);
  if (--found->second.count == 0) {
    models_.erase(found);
  }
}

void Metrics::SetBuild(const BuildLabels& build) {
  state_->families.build_info
      .Add({{"version", build.version},
            {"onednn", build.onednn},
            {"isa", build.isa},
            {"compiler", build.compiler},
            {"build_type", build.build_type}})
      .Set(1);
}

void Metrics::SetLanes(LaneKind kind, int count) {
  const std::string name(kLaneKindNames[static_cast<int>(kind)]);
  state_->families.lanes.Add({{"kind", name}}).Set(count);
}

void Metrics::SetLanesBusy(LaneKind kind, int count) {
  state_->lanes_busy[static_cast<int>(kind)]->Set(count);
}

void Metrics::SetQueuedBytes(int64_t bytes) {
  state_->queued_bytes.Set(static_cast<double>(bytes));
}

void Metrics::SetOpenStreams(int64_t count) { state_->streams.Set(static_cast<double>(count)); }

void Metrics::SetConnections(const ConnectionCounts& counts) {
  const auto raise = [](prometheus::Counter& counter, int64_t to) {
    counter.Increment(static_cast<double>(to) - counter.Value());
  };
  const std::lock_guard<std::mutex> lock(mutex_);
  state_->connections.Set(static_cast<double>(counts.open));
  raise(state_->connections_accepted, counts.accepted);
  raise(state_->connections_refused, counts.refused);
  raise(state_->accept_errors, counts.accept_errors);
}

void Metrics::CountLogLine(const std::string& level) {
  state_->families.log_lines.Add({{"level", level}}).Increment();
}

std::string Metrics::Text() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  for (prometheus::MetricFamily& family : state_->process.Collect()) {
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace dnnd::server
