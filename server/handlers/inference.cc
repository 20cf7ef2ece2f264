#include "server/handlers/inference.h"

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
// nothing is known of a shape that is asked for the first time.
int64_t OutputBytes(const ServedModel& served, const RunShape& shape) {
  engine::Model& model = *served.model;
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

}  // namespace

InferenceRun::InferenceRun(const InferenceServices& services, Method method, const Call& call)
    : services_(services),
      call_(call),
      record_(services.telemetry, method, call.request_id, RequestRecord::About::kModel) {}

absl::Status InferenceRun::Find(const ModelReference& reference) {
  DNND_ASSIGN_OR_RETURN(model_, FindModel(services_.repository, services_.labels, reference));
  record_.SetModel(model_);
  return absl::OkStatus();
}

absl::Status InferenceRun::Admit(int64_t bytes, const RunShape& shape) {
  DNND_ASSIGN_OR_RETURN(
      ticket_, services_.admission.Enter(bytes + OutputBytes(*model_, shape), record_.metrics()));
  Refusal refusal;
  absl::StatusOr<Scheduler::Reservation> reservation =
      services_.scheduler.Reserve(model_, shape.rows, shape.row, call_.deadline, &refusal);
  if (!reservation.ok()) {
    return RefusalError(reservation.status(), refusal);
  }
  reservation_ = *std::move(reservation);
  return absl::OkStatus();
}

void InferenceRun::Submit(RunShape shape, std::vector<engine::TensorView> inputs,
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
      timings.queue = (*shared)->queue;
      timings.batch = (*shared)->batch;
      timings.compute = (*shared)->compute;
      timings.batch_size = (*shared)->batch_rows;
      computed(std::move(*shared));
    });
  };
  Scheduler& scheduler = services_.scheduler;
  const std::shared_ptr<Cancellation> cancellation = call_.cancellation;
  // From here on `this` may be gone at any time: the answer may be there already.
  const uint64_t id =
      scheduler.Submit(std::move(*std::exchange(reservation_, std::nullopt)), std::move(request));
  cancellation->OnCancel([&scheduler, id] { scheduler.Cancel(id); });
}

void InferenceRun::End(const absl::Status& status) {
  timings.total = record_.Elapsed();
  if (model_ != nullptr && status.ok()) {
    record_.metrics().ObserveStage(Stage::kTotal, timings.total);
  }
  record_.End(status);
  reservation_.reset();
  ticket_ = Admission::Ticket();
}

}  // namespace dnnd::server
