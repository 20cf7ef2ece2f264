#include "server/batching/pending_request.h"

#include <algorithm>
#include <utility>

#include "engine/base/status.h"
#include "server/batching/rows.h"

namespace dnnd::server {

absl::Status PendingRequest::MakeOutputs(absl::Span<const engine::TensorView> outputs,
                                         absl::Span<const std::optional<int>> axes) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const engine::Shape& shape = outputs[i].shape();
    DNND_ASSIGN_OR_RETURN(
        engine::Tensor tensor,
        engine::Tensor::Create(outputs[i].type(),
                               axes[i].has_value() ? shape.WithDim(*axes[i], rows()) : shape));
    result_.outputs.push_back(std::move(tensor));
  }
  return absl::OkStatus();
}

absl::Status PendingRequest::TakeOutputs(absl::Span<const engine::TensorView> outputs,
                                         absl::Span<const std::optional<int>> axes,
                                         int64_t batch_row, int64_t first_row, int64_t rows) {
  std::vector<engine::MutableTensorView> to;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (result_.outputs.empty()) {
      DNND_RETURN_IF_ERROR(MakeOutputs(outputs, axes));
    }
    for (engine::Tensor& tensor : result_.outputs) {
      to.push_back(tensor.mutable_view());
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    DNND_RETURN_IF_ERROR(CopyRows(outputs[i], batch_row, to[i], first_row, rows, axes[i]));
  }
  return absl::OkStatus();
}

void PendingRequest::Fail(const absl::Status& why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failed_.Update(why);
}

void PendingRequest::Note(absl::Duration queue, absl::Duration batch, absl::Duration compute,
                          int64_t batch_rows) {
  const std::lock_guard<std::mutex> lock(mutex_);
  result_.queue = queue;
  result_.batch = batch;
  result_.compute = compute;
  result_.batch_rows = std::max(result_.batch_rows, batch_rows);
}

void PendingRequest::Answer() {
  const auto done = std::move(request.done);
  absl::StatusOr<BatchResult> answer = absl::InternalError("");
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed_.Update(dropped);
    if (failed_.ok()) {
      ModelMetrics& metrics = *request.model->metrics;
      metrics.ObserveStage(Stage::kQueue, result_.queue);
      metrics.ObserveStage(Stage::kBatch, result_.batch);
      metrics.ObserveStage(Stage::kCompute, result_.compute);
      answer = std::move(result_);
    } else {
      answer = failed_;
    }
  }
  done(std::move(answer));
  request.keep_alive = nullptr;
}

}  // namespace dnnd::server
