#include "server/handlers/request_record.h"

#include <utility>

#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

// Faults of ours; what a client did wrong, or too often, is told to the client.
bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

RequestRecord::RequestRecord(Telemetry telemetry, Method method, std::string request_id,
                             About about)
    : telemetry_(telemetry), method_(method), request_id_(std::move(request_id)), about_(about) {}

ModelMetrics& RequestRecord::metrics() const {
  if (model_ != nullptr) {
    return *model_->metrics;
  }
  return about_ == About::kModel ? telemetry_.metrics.UnknownModel() : telemetry_.metrics.NoModel();
}

void RequestRecord::End(const absl::Status& status) const {
  const absl::Duration elapsed = Elapsed();
  metrics().CountRequest(method_, status.code(), elapsed);
  const bool ours = IsOurFault(status.code());
  if (!ours && !telemetry_.log.Writes(LogLevel::kDebug)) {
    return;
  }
  const absl::string_view method = kMethodNames[static_cast<int>(method_)];
  const std::string model = model_ == nullptr ? "" : model_->name;
  const int64_t version = model_ == nullptr ? 0 : model_->version;
  const Logger::Fields fields = {RequestId(request_id_),
                                 {"method", method},
                                 {"model", model},
                                 {"version", version},
                                 {"ms", absl::ToDoubleMilliseconds(elapsed)},
                                 {"reason", ReasonOf(status)},
                                 {"status", status}};
  if (ours) {
    telemetry_.log.Error("request failed", fields);
  } else {
    telemetry_.log.Debug("request answered", fields);
  }
}

}  // namespace dnnd::server
