// The series of one version of one model.
#ifndef DNND_SERVER_TELEMETRY_MODEL_METRICS_H_
#define DNND_SERVER_TELEMETRY_MODEL_METRICS_H_

#include <array>
#include <atomic>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/telemetry/labels.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
template <typename T>
class Family;
}  // namespace prometheus

namespace dnnd::server {

struct Families;

// Thread-safe; made by Metrics::ForModel, which removes the series when the last user lets go.
// Finding a series in its family costs a hash of its labels (0.7 us), so each is found once, at
// first use, and its address kept.
class ModelMetrics {
 public:
  ModelMetrics(Families& families, std::string model, std::string version);
  ~ModelMetrics();
  ModelMetrics(const ModelMetrics&) = delete;
  ModelMetrics& operator=(const ModelMetrics&) = delete;

  // At the end of a request.
  void CountRequest(Method method, absl::StatusCode code, absl::Duration duration);
  void ObserveStage(Stage stage, absl::Duration duration);

  void CountBatch(DispatchReason reason, int64_t items);
  void CountBatchFailure();
  void CountRefusal(RefusalReason reason);
  void CountDrop(DropReason reason);
  void CountFrameDrop(FrameDropReason reason);
  void ObserveFrameDelay(absl::Duration delay);
  void SetQueueItems(int64_t items);

  // `state` is one of kModelStateNames.
  void SetState(absl::string_view state);

  // After a load: its figures. Also makes the series of every known label appear, at zero.
  void SetLoaded(absl::Duration load, int64_t weight_bytes, int64_t arena_bytes);

 private:
  static constexpr int kCodes = 17;  // absl::StatusCode, 0 to 16

  template <typename T>
  using Series = std::atomic<T*>;
  template <typename T, size_t kCount>
  using SeriesArray = std::array<std::atomic<T*>, kCount>;

  // The series behind `slot`, found or made.
  prometheus::Counter& Get(Series<prometheus::Counter>& slot,
                           prometheus::Family<prometheus::Counter>& family,
                           std::map<std::string, std::string> more = {});
  prometheus::Gauge& Get(Series<prometheus::Gauge>& slot,
                         prometheus::Family<prometheus::Gauge>& family,
                         std::map<std::string, std::string> more = {});
  prometheus::Histogram& Get(Series<prometheus::Histogram>& slot,
                             prometheus::Family<prometheus::Histogram>& family,
                             std::map<std::string, std::string> more = {});
  std::map<std::string, std::string> Labelled(std::map<std::string, std::string> more) const;

  Families& families_;
  const std::string model_;
  const std::string version_;

  SeriesArray<prometheus::Counter, std::size(kMethodNames) * kCodes> requests_{};
  SeriesArray<prometheus::Histogram, std::size(kMethodNames)> durations_{};
  SeriesArray<prometheus::Histogram, std::size(kStageNames)> stages_{};
  SeriesArray<prometheus::Counter, std::size(kDispatchReasonNames)> dispatches_{};
  SeriesArray<prometheus::Counter, std::size(kRefusalReasonNames)> refusals_{};
  SeriesArray<prometheus::Counter, std::size(kDropReasonNames)> drops_{};
  SeriesArray<prometheus::Counter, std::size(kFrameDropReasonNames)> frame_drops_{};
  SeriesArray<prometheus::Gauge, std::size(kModelStateNames)> states_{};
  Series<prometheus::Histogram> frame_delay_{};
  Series<prometheus::Histogram> refusal_duration_{};
  Series<prometheus::Histogram> batch_size_{};
  Series<prometheus::Counter> batch_failures_{};
  Series<prometheus::Gauge> queue_items_{};
  Series<prometheus::Gauge> load_seconds_{};
  Series<prometheus::Gauge> weight_bytes_{};
  Series<prometheus::Gauge> arena_bytes_{};
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_MODEL_METRICS_H_
