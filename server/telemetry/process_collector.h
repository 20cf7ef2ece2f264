// The usual process_* metrics, read from /proc when asked; prometheus-cpp has none.
#ifndef DNND_SERVER_TELEMETRY_PROCESS_COLLECTOR_H_
#define DNND_SERVER_TELEMETRY_PROCESS_COLLECTOR_H_

#include <prometheus/collectable.h>

#include <vector>

namespace dnnd::server {

// Thread-safe: it holds nothing.
class ProcessCollector : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_PROCESS_COLLECTOR_H_
