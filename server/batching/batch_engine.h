// What the scheduler asks of the engine, and what it gives to it.
#ifndef DNND_SERVER_BATCHING_BATCH_ENGINE_H_
#define DNND_SERVER_BATCHING_BATCH_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/tensor/shape.h"
#include "engine/tensor/tensor_view.h"
#include "server/batching/model_queue.h"
#include "server/batching/pending_request.h"
#include "server/repository/served_model.h"
#include "server/telemetry/labels.h"

namespace dnnd::server {

// One implementation over lanes (lane_source.h), one puppet in tests. Called under the scheduler's
// lock, except Wake: must not call the scheduler.
class BatchEngine {
 public:
  virtual ~BatchEngine() = default;
  virtual int narrow_lanes() const = 0;
  // Whether a batch of `rows` can run without planning first.
  virtual bool HasPlan(const ServedModel& model, absl::Span<const engine::Shape> row, int64_t rows,
                       LaneKind kind) = 0;
  // Makes that plan, beside everything that runs, and then calls `ready` from another thread.
  virtual void RequestPlan(const ModelHandle& model, const std::vector<engine::Shape>& row,
                           int64_t rows, LaneKind kind,
                           std::function<void(const absl::Status&)> ready) = 0;
  // There is new work: free lanes should call NextBatch.
  virtual void Wake() = 0;
};

// Buffers for one run, on the lane that calls.
struct BoundRun {
  std::vector<engine::MutableTensorView> inputs;
  // Runs, and tells the processor time that the calling thread spent.
  std::function<absl::StatusOr<absl::Duration>()> run;
  // Of the last run: only that knows their extents, where data decide them.
  std::function<absl::Span<const engine::TensorView>()> outputs;
};
// For a batch of so many rows. Any error fails the rows.
using BindRun = std::function<absl::StatusOr<BoundRun>(int64_t rows)>;

// Rows that a lane is to run. Made by NextBatch, given to Run.
struct Batch {
  // Rows [first_row, first_row + rows) of a request, at [batch_row, …) of the batch.
  struct Slice {
    std::shared_ptr<PendingRequest> request;
    int64_t first_row = 0;
    int64_t rows = 0;
    int64_t batch_row = 0;
  };
  ModelHandle model;
  std::shared_ptr<ShapeGroup> group;
  LaneKind kind = LaneKind::kNarrow;
  int64_t rows = 0;
  std::vector<Slice> slices;
  absl::Time formed;
  absl::Time expected_end;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_BATCH_ENGINE_H_
