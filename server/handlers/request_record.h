// The account of one request: counted and logged once, at its end.
#ifndef DNND_SERVER_HANDLERS_REQUEST_RECORD_H_
#define DNND_SERVER_HANDLERS_REQUEST_RECORD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/repository/served_model.h"
#include "server/telemetry/logger.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

// Where handlers report to. Outlives them.
struct Telemetry {
  Metrics& metrics;
  Logger& log;
};

// Used by one thread at a time. `kUnknown` until the model was found: a name that no model has
// never becomes a label.
class RequestRecord {
 public:
  enum class About { kModel, kNothing };  // a model that is yet to be found, or no model at all

  RequestRecord(Telemetry telemetry, Method method, std::string request_id, About about);

  void SetModel(ModelHandle model) { model_ = std::move(model); }

  // The series that this request belongs to.
  ModelMetrics& metrics() const;
  absl::Duration Elapsed() const { return absl::Now() - start_; }

  // Counts the request under the status's code, and logs it.
  void End(const absl::Status& status) const;

 private:
  const Telemetry telemetry_;
  const Method method_;
  const std::string request_id_;
  const About about_;
  const absl::Time start_ = absl::Now();
  ModelHandle model_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_REQUEST_RECORD_H_
