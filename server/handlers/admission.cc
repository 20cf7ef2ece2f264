#include "server/handlers/admission.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

// A restart takes about this long; elsewhere the same request is welcome at once.
constexpr absl::Duration kRetryAfterDrain = absl::Seconds(1);
// Requests hold their bytes for about this long when the daemon is busy.
constexpr absl::Duration kRetryAfterBytes = absl::Milliseconds(100);

}  // namespace

absl::Status DrainingError() {
  return WithRetryAfter(WithReason(absl::UnavailableError("the server is going down"),
                                   kReasonServerDraining, {{"hint", "ask another server"}}),
                        kRetryAfterDrain);
}

absl::StatusOr<Admission::Ticket> Admission::Enter(int64_t bytes, ModelMetrics& model) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (draining_) {
    model.CountRefusal(RefusalReason::kDraining);
    return DrainingError();
  }
  if (bytes_ > 0 && bytes > max_bytes_ - bytes_) {
    model.CountRefusal(RefusalReason::kQueueBytes);
    const std::string message =
        absl::StrCat("got a request of ", bytes, " bytes while others hold ", bytes_,
                     ", want at most ", max_bytes_, " in all");
    return WithRetryAfter(WithReason(absl::ResourceExhaustedError(message), kReasonMemoryBudget,
                                     {{"hint",
                                       "send fewer or smaller requests at once, or raise "
                                       "--max-queued-bytes"}}),
                          kRetryAfterBytes);
  }
  ++requests_;
  bytes_ += bytes;
  metrics_.SetQueuedBytes(bytes_);
  return Ticket(this, bytes);
}

void Admission::Add(int64_t bytes, Ticket& ticket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ticket.bytes_ += bytes;
  bytes_ += bytes;
  metrics_.SetQueuedBytes(bytes_);
}

void Admission::Leave(int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  --requests_;
  bytes_ -= bytes;
  metrics_.SetQueuedBytes(bytes_);
  if (requests_ == 0) {
    emptied_.notify_all();  // under the lock: who waits may be about to destroy this
  }
}

void Admission::Drain() {
  const std::lock_guard<std::mutex> lock(mutex_);
  draining_ = true;
}

bool Admission::draining() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return draining_;
}

bool Admission::WaitUntilEmpty(absl::Duration bound) {
  const auto until = absl::ToChronoTime(absl::Now() + bound);
  std::unique_lock<std::mutex> lock(mutex_);
  return emptied_.wait_until(lock, until, [&] { return requests_ == 0; });
}

int64_t Admission::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

int64_t Admission::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

}  // namespace dnnd::server
