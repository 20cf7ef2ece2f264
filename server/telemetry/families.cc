#include "server/telemetry/families.h"

namespace dnnd::server {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

Family<Counter>& CounterFamily(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& GaugeFamily(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& HistogramFamily(Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

Families::Families(Registry& r)
    : requests(CounterFamily(r, "dnnd_requests_total",
                             "Requests that were answered, by the code of the answer. A model "
                             "that does not exist is counted as _unknown.")),
      request_duration(HistogramFamily(r, "dnnd_request_duration_seconds",
                                       "From the start of a request's handler to its end.")),
      refusal_duration(HistogramFamily(r, "dnnd_refusal_duration_seconds",
                                       "The same for requests that load refused: answered with "
                                       "RESOURCE_EXHAUSTED.")),
      stage_duration(HistogramFamily(r, "dnnd_stage_duration_seconds",
                                     "Where the time of a request went, by stage.")),
      batch_size(HistogramFamily(r, "dnnd_batch_size", "Items of a batch that was run.")),
      dispatches(CounterFamily(r, "dnnd_batch_dispatch_total",
                               "Batches that were run, by what decided their size.")),
      refusals(CounterFamily(r, "dnnd_requests_refused_total",
                             "Requests that were not admitted, by reason.")),
      drops(CounterFamily(r, "dnnd_requests_dropped_total",
                          "Admitted requests that were never computed, by reason.")),
      batch_failures(CounterFamily(r, "dnnd_batch_failures_total",
                                   "Batches whose run failed; their items were retried singly.")),
      frame_drops(CounterFamily(r, "dnnd_stream_frames_dropped_total",
                                "Frames of streams that were never asked about, by reason.")),
      frame_delay(HistogramFamily(r, "dnnd_stream_frame_delay_seconds",
                                  "From the arrival of a stream's frame to its answer.")),
      queue_items(GaugeFamily(r, "dnnd_queue_items", "Items that wait for a lane.")),
      model_state(GaugeFamily(r, "dnnd_model_state",
                              "1 for the state that a version is in, 0 for the others.")),
      load_seconds(GaugeFamily(r, "dnnd_model_load_seconds",
                               "How long the latest load took, from reading to warm.")),
      weight_bytes(GaugeFamily(r, "dnnd_model_weight_bytes",
                               "Bytes of a version's weights in memory, packed copies included.")),
      arena_bytes(GaugeFamily(r, "dnnd_model_arena_bytes",
                              "Bytes of arena that a version's plans need on each lane.")),
      lanes(GaugeFamily(r, "dnnd_lanes", "Lanes that compute, by kind.")),
      lanes_busy(GaugeFamily(r, "dnnd_lanes_busy", "Lanes that compute right now, by kind.")),
      queued_bytes(
          GaugeFamily(r, "dnnd_queued_bytes", "Bytes of admitted requests that wait or run.")),
      streams(GaugeFamily(r, "dnnd_streams", "Streams of frames that are open.")),
      connections(GaugeFamily(r, "dnnd_connections", "gRPC connections that are open.")),
      connections_accepted(CounterFamily(r, "dnnd_connections_accepted_total",
                                         "gRPC connections that were accepted.")),
      connections_refused(CounterFamily(r, "dnnd_connections_refused_total",
                                        "gRPC connections that were closed at once, for too many "
                                        "were open.")),
      accept_errors(CounterFamily(r, "dnnd_accept_errors_total",
                                  "Attempts to accept a connection that failed, mostly for want "
                                  "of descriptors; each is tried again.")),
      log_lines(CounterFamily(r, "dnnd_log_messages_total", "Lines that were logged, by level.")),
      build_info(GaugeFamily(r, "dnnd_build_info", "Always 1; the labels say what runs.")) {}

const Histogram::BucketBoundaries& LatencyBuckets() {
  static const auto* const kBuckets = new Histogram::BucketBoundaries{
      .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
  return *kBuckets;
}

const Histogram::BucketBoundaries& BatchSizeBuckets() {
  static const auto* const kBuckets =
      new Histogram::BucketBoundaries{1, 2, 4, 8, 16, 32, 64, 128, 256};
  return *kBuckets;
}

}  // namespace dnnd::server
