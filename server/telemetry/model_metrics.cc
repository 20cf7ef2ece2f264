#include "server/telemetry/model_metrics.h"

#include "server/telemetry/families.h"

namespace dnnd::server {
namespace {

using Labels = std::map<std::string, std::string>;

template <typename T>
void RemoveSeries(std::atomic<T*>& slot, prometheus::Family<T>& family) {
  if (T* series = slot.exchange(nullptr); series != nullptr) {
    family.Remove(series);
  }
}

template <typename Array, typename Family>
void RemoveAll(Array& slots, Family& family) {
  for (auto& slot : slots) {
    RemoveSeries(slot, family);
  }
}

// Two threads that meet here find the same series: a family makes one for each set of labels.
template <typename T, typename Make>
T& FindOrMake(std::atomic<T*>& slot, const Make& make) {
  T* series = slot.load(std::memory_order_acquire);
  if (series == nullptr) {
    series = &make();
    slot.store(series, std::memory_order_release);
  }
  return *series;
}

template <typename Names>
std::string NameOf(const Names& names, size_t index) {
  return std::string(names[index]);
}

}  // namespace

ModelMetrics::ModelMetrics(Families& families, std::string model, std::string version)
    : families_(families), model_(std::move(model)), version_(std::move(version)) {}

ModelMetrics::~ModelMetrics() {
  RemoveAll(requests_, families_.requests);
  RemoveAll(durations_, families_.request_duration);
  RemoveAll(stages_, families_.stage_duration);
  RemoveAll(dispatches_, families_.dispatches);
  RemoveAll(refusals_, families_.refusals);
  RemoveAll(drops_, families_.drops);
  RemoveAll(frame_drops_, families_.frame_drops);
  RemoveAll(states_, families_.model_state);
  RemoveSeries(frame_delay_, families_.frame_delay);
  RemoveSeries(refusal_duration_, families_.refusal_duration);
  RemoveSeries(batch_size_, families_.batch_size);
  RemoveSeries(batch_failures_, families_.batch_failures);
  RemoveSeries(queue_items_, families_.queue_items);
  RemoveSeries(load_seconds_, families_.load_seconds);
  RemoveSeries(weight_bytes_, families_.weight_bytes);
  RemoveSeries(arena_bytes_, families_.arena_bytes);
}

Labels ModelMetrics::Labelled(Labels more) const {
  more.emplace("model", model_);
  more.emplace("version", version_);
  return more;
}

prometheus::Counter& ModelMetrics::Get(Series<prometheus::Counter>& slot,
                                       prometheus::Family<prometheus::Counter>& family,
                                       Labels more) {
  return FindOrMake(
      slot, [&]() -> auto& { return family.Add(Labelled(std::move(more))); });
}

prometheus::Gauge& ModelMetrics::Get(Series<prometheus::Gauge>& slot,
                                     prometheus::Family<prometheus::Gauge>& family, Labels more) {
  return FindOrMake(
      slot, [&]() -> auto& { return family.Add(Labelled(std::move(more))); });
}

prometheus::Histogram& ModelMetrics::Get(Series<prometheus::Histogram>& slot,
                                         prometheus::Family<prometheus::Histogram>& family,
                                         Labels more) {
  const auto& buckets = &family == &families_.batch_size ? BatchSizeBuckets() : LatencyBuckets();
  return FindOrMake(
      slot, [&]() -> auto& { return family.Add(Labelled(std::move(more)), buckets); });
}

void ModelMetrics::CountRequest(Method method, absl::StatusCode code, absl::Duration duration) {
  const size_t m = static_cast<size_t>(method);
  const int number = static_cast<int>(code);
  const size_t c = number >= 0 && number < kCodes ? number : 2;  // 2: UNKNOWN, as gRPC has it
  auto& counter = requests_[m * kCodes + c];
  if (counter.load(std::memory_order_acquire) == nullptr) {
    const absl::StatusCode known = static_cast<absl::StatusCode>(c);
    Get(counter, families_.requests,
        {{"method", NameOf(kMethodNames, m)}, {"code", absl::StatusCodeToString(known)}});
  }
  counter.load(std::memory_order_acquire)->Increment();
  auto& histogram = durations_[m];
  if (histogram.load(std::memory_order_acquire) == nullptr) {
    Get(histogram, families_.request_duration, {{"method", NameOf(kMethodNames, m)}});
  }
  histogram.load(std::memory_order_acquire)->Observe(absl::ToDoubleSeconds(duration));
  if (code == absl::StatusCode::kResourceExhausted) {
    Get(refusal_duration_, families_.refusal_duration).Observe(absl::ToDoubleSeconds(duration));
  }
}

void ModelMetrics::ObserveStage(Stage stage, absl::Duration duration) {
  const size_t s = static_cast<size_t>(stage);
  auto& histogram = stages_[s];
  if (histogram.load(std::memory_order_acquire) == nullptr) {
    Get(histogram, families_.stage_duration, {{"stage", NameOf(kStageNames, s)}});
  }
  histogram.load(std::memory_order_acquire)->Observe(absl::ToDoubleSeconds(duration));
}

void ModelMetrics::CountBatch(DispatchReason reason, int64_t items) {
  const size_t r = static_cast<size_t>(reason);
  auto& counter = dispatches_[r];
  if (counter.load(std::memory_order_acquire) == nullptr) {
    Get(counter, families_.dispatches, {{"reason", NameOf(kDispatchReasonNames, r)}});
  }
  counter.load(std::memory_order_acquire)->Increment();
  Get(batch_size_, families_.batch_size).Observe(static_cast<double>(items));
}

void ModelMetrics::CountBatchFailure() {
  Get(batch_failures_, families_.batch_failures).Increment();
}

void ModelMetrics::CountRefusal(RefusalReason reason) {
  const size_t r = static_cast<size_t>(reason);
  Get(refusals_[r], families_.refusals, {{"reason", NameOf(kRefusalReasonNames, r)}}).Increment();
}

void ModelMetrics::CountDrop(DropReason reason) {
  const size_t r = static_cast<size_t>(reason);
  Get(drops_[r], families_.drops, {{"reason", NameOf(kDropReasonNames, r)}}).Increment();
}

void ModelMetrics::CountFrameDrop(FrameDropReason reason) {
  const size_t r = static_cast<size_t>(reason);
  Get(frame_drops_[r], families_.frame_drops, {{"reason", NameOf(kFrameDropReasonNames, r)}})
      .Increment();
}

void ModelMetrics::ObserveFrameDelay(absl::Duration delay) {
  Get(frame_delay_, families_.frame_delay).Observe(absl::ToDoubleSeconds(delay));
}

void ModelMetrics::SetQueueItems(int64_t items) {
  Get(queue_items_, families_.queue_items).Set(static_cast<double>(items));
}

void ModelMetrics::SetState(absl::string_view state) {
  for (size_t i = 0; i < std::size(kModelStateNames); ++i) {
    Get(states_[i], families_.model_state, {{"state", NameOf(kModelStateNames, i)}})
        .Set(kModelStateNames[i] == state ? 1 : 0);
  }
}

void ModelMetrics::SetLoaded(absl::Duration load, int64_t weight_bytes, int64_t arena_bytes) {
  Get(load_seconds_, families_.load_seconds).Set(absl::ToDoubleSeconds(load));
  Get(weight_bytes_, families_.weight_bytes).Set(static_cast<double>(weight_bytes));
  Get(arena_bytes_, families_.arena_bytes).Set(static_cast<double>(arena_bytes));
  Get(queue_items_, families_.queue_items);
  Get(refusal_duration_, families_.refusal_duration);
  Get(batch_size_, families_.batch_size);
  Get(batch_failures_, families_.batch_failures);
  for (size_t i = 0; i < std::size(kStageNames); ++i) {
    Get(stages_[i], families_.stage_duration, {{"stage", NameOf(kStageNames, i)}});
  }
  for (size_t i = 0; i < std::size(kDispatchReasonNames); ++i) {
    Get(dispatches_[i], families_.dispatches, {{"reason", NameOf(kDispatchReasonNames, i)}});
  }
  for (size_t i = 0; i < std::size(kRefusalReasonNames); ++i) {
    Get(refusals_[i], families_.refusals, {{"reason", NameOf(kRefusalReasonNames, i)}});
  }
  for (size_t i = 0; i < std::size(kDropReasonNames); ++i) {
    Get(drops_[i], families_.drops, {{"reason", NameOf(kDropReasonNames, i)}});
  }
  Get(frame_delay_, families_.frame_delay);
  for (size_t i = 0; i < std::size(kFrameDropReasonNames); ++i) {
    Get(frame_drops_[i], families_.frame_drops, {{"reason", NameOf(kFrameDropReasonNames, i)}});
  }
}

}  // namespace dnnd::server
