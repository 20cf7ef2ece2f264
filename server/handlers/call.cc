#include "server/handlers/call.h"

#include <utility>

#include "absl/time/clock.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

void Cancellation::Cancel() {
  std::function<void()> react;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    react.swap(react_);
  }
  if (react) {
    react();
  }
}

bool Cancellation::cancelled() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return cancelled_;
}

void Cancellation::OnCancel(std::function<void()> react) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!cancelled_) {
      react_ = std::move(react);
      return;
    }
  }
  react();
}

absl::Status Call::StillWanted() const {
  if (cancellation->cancelled()) {
    return WithReason(absl::CancelledError("the client does not wait any more"), kReasonCancelled);
  }
  if (absl::Now() >= deadline) {
    return WithReason(absl::DeadlineExceededError("the deadline has passed"),
                      kReasonDeadlineExceeded);
  }
  return absl::OkStatus();
}

}  // namespace dnnd::server
