// The metric families of the daemon, each registered once. Names and labels are an interface that
// dashboards build on. Included by this room only.
#ifndef DNND_SERVER_TELEMETRY_FAMILIES_H_
#define DNND_SERVER_TELEMETRY_FAMILIES_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace dnnd::server {

// Self-synchronised, as prometheus-cpp's families are.
struct Families {
  explicit Families(prometheus::Registry& registry);

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& request_duration;
  prometheus::Family<prometheus::Histogram>& refusal_duration;
  prometheus::Family<prometheus::Histogram>& stage_duration;
  prometheus::Family<prometheus::Histogram>& batch_size;
  prometheus::Family<prometheus::Counter>& dispatches;
  prometheus::Family<prometheus::Counter>& refusals;
  prometheus::Family<prometheus::Counter>& drops;
  prometheus::Family<prometheus::Counter>& batch_failures;
  prometheus::Family<prometheus::Counter>& frame_drops;
  prometheus::Family<prometheus::Histogram>& frame_delay;
  prometheus::Family<prometheus::Gauge>& queue_items;
  prometheus::Family<prometheus::Gauge>& model_state;
  prometheus::Family<prometheus::Gauge>& load_seconds;
  prometheus::Family<prometheus::Gauge>& weight_bytes;
  prometheus::Family<prometheus::Gauge>& arena_bytes;
  prometheus::Family<prometheus::Gauge>& lanes;
  prometheus::Family<prometheus::Gauge>& lanes_busy;
  prometheus::Family<prometheus::Gauge>& queued_bytes;
  prometheus::Family<prometheus::Gauge>& streams;
  prometheus::Family<prometheus::Gauge>& connections;
  prometheus::Family<prometheus::Counter>& connections_accepted;
  prometheus::Family<prometheus::Counter>& connections_refused;
  prometheus::Family<prometheus::Counter>& accept_errors;
  prometheus::Family<prometheus::Counter>& log_lines;
  prometheus::Family<prometheus::Gauge>& build_info;
};

// Upper bounds in seconds: from a tiny model's run to the longest deadline that makes sense.
const prometheus::Histogram::BucketBoundaries& LatencyBuckets();
const prometheus::Histogram::BucketBoundaries& BatchSizeBuckets();

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_FAMILIES_H_
