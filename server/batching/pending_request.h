// A request between its admission to the queue and its answer: rows go out in one or several
// batches, and come back into one result.
#ifndef DNND_SERVER_BATCHING_PENDING_REQUEST_H_
#define DNND_SERVER_BATCHING_PENDING_REQUEST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/tensor/tensor.h"
#include "server/batching/run_shape.h"
#include "server/repository/served_model.h"

namespace dnnd::server {

struct BatchResult {
  std::vector<engine::Tensor> outputs;  // of all rows, in the order of the signature
  // Of the rows that were served last.
  absl::Duration queue;    // from Submit to the forming of the batch
  absl::Duration batch;    // gathering rows before the run, and handing them out after it
  absl::Duration compute;  // the run itself
  int64_t batch_rows = 0;  // of the largest batch that any row was in
};

struct BatchRequest {
  ModelHandle model;
  RunShape shape;                          // of `inputs`, by BindInputs
  std::vector<engine::TensorView> inputs;  // in the order of the signature
  std::shared_ptr<const void> keep_alive;  // what the views point into
  absl::Time deadline = absl::InfiniteFuture();
  // Called exactly once; on a lane, the timer or the caller of Cancel, so that it must hand on
  // anything that takes time. The inputs are not read any more by then.
  //  DEADLINE_EXCEEDED  it expired while it waited
  //  CANCELLED          as asked for
  //  others             the engine's own, for these rows
  std::function<void(absl::StatusOr<BatchResult>)> done;
};

// Thread-safe where it says so; the rest belongs to the scheduler's lock.
class PendingRequest {
 public:
  PendingRequest(uint64_t id, BatchRequest request, absl::Time submitted)
      : id(id), request(std::move(request)), submitted(submitted) {}

  const uint64_t id;
  BatchRequest request;  // constant but for `done`, which is called once
  const absl::Time submitted;

  // Guarded by the scheduler's lock.
  int64_t next_row = 0;   // rows before it were dispatched
  int64_t in_flight = 0;  // rows that run now
  absl::Status dropped;   // not OK: the rest of the rows will not run

  int64_t rows() const { return request.shape.rows; }
  int64_t rows_left() const { return dropped.ok() ? rows() - next_row : 0; }

  // Copies rows [batch_row, batch_row + rows) of a batch's outputs to `first_row` of the result.
  // Thread-safe.
  absl::Status TakeOutputs(absl::Span<const engine::TensorView> outputs,
                           absl::Span<const std::optional<int>> axes, int64_t batch_row,
                           int64_t first_row, int64_t rows);
  // Rows that could not be computed. The first error is the answer. Thread-safe.
  void Fail(const absl::Status& why);
  // The times of a batch that served some of the rows. Thread-safe.
  void Note(absl::Duration queue, absl::Duration batch, absl::Duration compute, int64_t batch_rows);

  // Observes the stages queue, batch and compute, and calls `done`. REQUIRES: no row is in flight
  // or left; called once.
  void Answer();

 private:
  absl::Status MakeOutputs(absl::Span<const engine::TensorView> outputs,
                           absl::Span<const std::optional<int>> axes);

  std::mutex mutex_;
  BatchResult result_;   // guarded by mutex_; rows of its tensors are written without
  absl::Status failed_;  // guarded by mutex_
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_PENDING_REQUEST_H_
