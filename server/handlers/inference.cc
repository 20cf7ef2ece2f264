#include "server/handlers/inference.h"

#include <algorithm>
#include <utility>

#include "engine/base/status.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

absl::Status RefusalError(const absl::Status& status, const Refusal& refusal) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return WithReason(status, kReasonDeadlineTooShort,
                        {{"hint", "allow more time: an idle server would not make it either"}});
    case absl::StatusCode::kResourceExhausted:
      return WithRetryAfter(WithReason(status, kReasonQueueFull), refusal.retry_after);
    default:
      return WithReason(status, kReasonInvalidRequest);
  }
}

absl::Status RunError(const absl::Status& status, const ModelHandle& model) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return status;
    case absl::StatusCode::kDeadlineExceeded:
      return WithReason(status, kReasonDeadlineExceeded);
    case absl::StatusCode::kCancelled:
      return WithReason(status, kReasonCancelled);
    default:
      return WithReason(engine::Annotate(status, model->name), kReasonModelFailed,
                        {{"model", model->name}});
  }
}

// The outputs of so many rows, and the reply that is made of them. Known from a plan for one row;
// nothing is known of a shape that is asked for the first time, nor of outputs whose extents data
// decide.
int64_t BytesOfOutputs(const ServedModel& served, const RunShape& shape) {
  engine::Model& model = *served.model;
  if (model.signature().open_outputs) {
    return 0;
  }
  const std::shared_ptr<const engine::Executable> executable =
      model.Find(model.KeyFor(shape.row, 1, 1));
  int64_t bytes = 0;
  if (executable != nullptr) {
    for (const engine::PlanArgument& output : executable->plan()->outputs) {
      bytes += 2 * output.type.num_bytes();
    }
  }
  return bytes * shape.rows;
}

// What BytesOfOutputs could not tell.
int64_t BytesOf(absl::Span<const engine::Tensor> outputs) {
  int64_t bytes = 0;
  for (const engine::Tensor& output : outputs) {
    bytes += 2 * output.num_bytes();
  }
  return bytes;
}

}  // namespace

void InferenceTimings::Widen(const InferenceTimings& other) {
  decode = std::max(decode, other.decode);
  preprocess = std::max(preprocess, other.preprocess);
  queue = std::max(queue, other.queue);
  batch = std::max(batch, other.batch);
  compute = std::max(compute, other.compute);
  postprocess = std::max(postprocess, other.postprocess);
  total = std::max(total, other.total);
  batch_size = std::max(batch_size, other.batch_size);
}

InferenceRun::InferenceRun(const InferenceServices& services, Method method, const Call& call)
    : services_(services),
      call_(call),
      record_(services.telemetry, method, call.request_id, RequestRecord::About::kModel) {}

absl::Status InferenceRun::Find(const ModelReference& reference) {
  DNND_ASSIGN_OR_RETURN(model_, FindModel(services_.repository, services_.labels, reference));
  record_.SetModel(model_);
  return absl::OkStatus();
}

int64_t InferenceRun::OutputBytes(absl::Span<const RunShape> parts) const {
  int64_t bytes = 0;
  for (const RunShape& part : parts) {
    bytes += BytesOfOutputs(*model_, part);
  }
  return bytes;
}

absl::Status InferenceRun::Enter(int64_t bytes) {
  DNND_ASSIGN_OR_RETURN(own_ticket_, services_.admission.Enter(bytes, record_.metrics()));
  return absl::OkStatus();
}

absl::Status InferenceRun::Reserve(absl::Span<const RunShape> parts) {
  for (const RunShape& part : parts) {
    Refusal refusal;
    absl::StatusOr<Scheduler::Reservation> reservation = services_.scheduler.Reserve(
        model_, part.rows, part.row, call_.deadline, &refusal, reservations_);
    if (!reservation.ok()) {
      return RefusalError(reservation.status(), refusal);
    }
    reservations_.push_back(*std::move(reservation));
  }
  return absl::OkStatus();
}

void InferenceRun::Note(const BatchResult& result) {
  const std::lock_guard<std::mutex> lock(noting_mutex_);
  if (model_->model->signature().open_outputs) {
    ticket_->Hold(BytesOf(result.outputs));
  }
  timings.queue = std::max(timings.queue, result.queue);
  timings.batch = std::max(timings.batch, result.batch);
  timings.compute = std::max(timings.compute, result.compute);
  timings.batch_size = std::max(timings.batch_size, result.batch_rows);
}

void InferenceRun::Submit(size_t part, RunShape shape, std::vector<engine::TensorView> inputs,
                          std::function<void(absl::StatusOr<BatchResult>)> computed) {
  BatchRequest request;
  request.model = model_;
  request.shape = std::move(shape);
  request.inputs = std::move(inputs);
  request.deadline = call_.deadline;
  // From a lane, the timer or the wire to a worker: answering takes time. The task is shared, for a
  // std::function must be copyable.
  request.done = [this, computed = std::move(computed)](absl::StatusOr<BatchResult> result) {
    auto shared = std::make_shared<absl::StatusOr<BatchResult>>(std::move(result));
    services_.workers.End([this, shared, computed] {
      if (!shared->ok()) {
        return computed(RunError(shared->status(), model_));
      }
      Note(**shared);
      computed(std::move(*shared));
    });
  };
  Scheduler& scheduler = services_.scheduler;
  const std::shared_ptr<Cancellation> cancellation = call_.cancellation;
  const std::shared_ptr<Submitted> submitted = submitted_;
  // From here on `this` may be gone at any time: the answer may be there already.
  const uint64_t id = scheduler.Submit(std::move(reservations_[part]), std::move(request));
  {
    const std::lock_guard<std::mutex> lock(submitted->mutex);
    submitted->ids.push_back(id);
  }
  cancellation->OnCancel([&scheduler, submitted] {
    std::vector<uint64_t> ids;
    {
      const std::lock_guard<std::mutex> lock(submitted->mutex);
      ids = submitted->ids;
    }
    for (const uint64_t submitted_id : ids) {
      scheduler.Cancel(submitted_id);
    }
  });
}

void InferenceRun::End(const absl::Status& status) {
  timings.total = record_.Elapsed();
  if (model_ != nullptr && status.ok()) {
    record_.metrics().ObserveStage(Stage::kTotal, timings.total);
  }
  record_.End(status);
  reservations_.clear();
  own_ticket_ = Admission::Ticket();
}

}  // namespace dnnd::server
