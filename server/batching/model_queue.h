// What waits for one version of a model. Scheduler's own: all of it is guarded by its lock.
#ifndef DNND_SERVER_BATCHING_MODEL_QUEUE_H_
#define DNND_SERVER_BATCHING_MODEL_QUEUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/tensor/shape.h"
#include "server/batching/cost_curve.h"
#include "server/batching/form_batch.h"
#include "server/batching/pending_request.h"
#include "server/repository/served_model.h"
#include "server/telemetry/labels.h"

namespace dnnd::server {

struct QueueOptions {
  int64_t max_batch_rows = 64;  // of one batch
  int64_t max_queue_rows = 1024;
  absl::Duration default_deadline = absl::Seconds(30);
  // The batch axis of each input and output; empty entries: not batchable.
  std::vector<std::optional<int>> input_axes;
  std::vector<std::optional<int>> output_axes;
};

// Requests of one shape, and what their batches cost.
struct ShapeGroup {
  std::vector<engine::Shape> row;
  CostCurve narrow;
  CostCurve wide;
  // Earliest deadline first, then the one that came first.
  std::map<std::pair<absl::Time, uint64_t>, std::shared_ptr<PendingRequest>> waiting;
  int64_t rows = 0;          // that wait
  int64_t running = 0;       // batches
  int64_t full_batches = 0;  // that were as large as is best
  AnsweredBatch answered;
  std::set<std::pair<LaneKind, int64_t>> planning;  // sizes whose plan is being made, or failed

  using Waiting = decltype(waiting);
  // The first that can still make its deadline.
  Waiting::const_iterator FirstInTime(absl::Time now) const;
  CostCurve& curve(LaneKind kind) { return kind == LaneKind::kWide ? wide : narrow; }
};

// The queue of one version; hangs on its ServedModel and goes with it.
class ModelQueue : public Attachment {
 public:
  // `usual_row`: the shape that requests have unless they say otherwise.
  ModelQueue(QueueOptions options, absl::Span<const engine::Shape> usual_row)
      : options(std::move(options)) {
    GroupOf(usual_row);
  }

  const QueueOptions options;

  // The group of requests of this shape, made if it is not there. Groups in which nothing waits are
  // kept for what they know, up to a bound.
  ShapeGroup& GroupOf(absl::Span<const engine::Shape> row);

  // What waits in the group, without what could not make its deadline even on an idle machine: the
  // timer will drop that, and no lane works for it.
  WaitingGroup Snapshot(const ShapeGroup& group, absl::Time now) const;

  std::vector<std::shared_ptr<ShapeGroup>> groups;  // the one that was warmed up first
  int64_t waiting_rows = 0;
  int64_t reserved_rows = 0;  // admitted, and on their way to the queue
};

// REQUIRES: the scheduler attached a queue when it was loaded.
inline ModelQueue& QueueOf(const ServedModel& model) {
  return static_cast<ModelQueue&>(*model.attachment);
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_MODEL_QUEUE_H_
