// Who is in: counts the requests that were admitted and the bytes that they hold, refuses more than
// the bound, and refuses everything once the daemon goes down.
#ifndef DNND_SERVER_HANDLERS_ADMISSION_H_
#define DNND_SERVER_HANDLERS_ADMISSION_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

// UNAVAILABLE (SERVER_DRAINING) with RetryInfo: what everybody hears once the daemon goes down.
absl::Status DrainingError();

// Thread-safe. Outlives its tickets.
class Admission {
 public:
  // A request that is in, until its ticket goes. Movable.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept { *this = std::move(other); }
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Ticket() {
      if (admission_ != nullptr) {
        admission_->Leave(bytes_);
      }
    }

    // Counts more bytes that turn out to be held; others are refused for them, this one is not.
    // Thread-safe: parts and tasks of one request end at once. REQUIRES: one that Enter gave.
    void Hold(int64_t bytes) { admission_->Add(bytes, *this); }

   private:
    friend class Admission;
    Ticket(Admission* admission, int64_t bytes) : admission_(admission), bytes_(bytes) {}
    Admission* admission_ = nullptr;
    int64_t bytes_ = 0;  // guarded by the mutex of admission_ until it goes
  };

  // `metrics` outlives it.
  Admission(int64_t max_bytes, Metrics& metrics) : max_bytes_(max_bytes), metrics_(metrics) {}

  // Lets a request in that holds `bytes` at its peak, as received and as decoded. A single request
  // is always let in when nothing else is. `model` counts the refusal.
  // UNAVAILABLE (SERVER_DRAINING) or RESOURCE_EXHAUSTED (MEMORY_BUDGET), both with RetryInfo.
  absl::StatusOr<Ticket> Enter(int64_t bytes, ModelMetrics& model);

  // Nobody is let in any more.
  void Drain();
  bool draining() const;

  // Waits until nobody is in. False when that took longer than `bound`.
  bool WaitUntilEmpty(absl::Duration bound);

  int64_t bytes() const;
  int64_t requests() const;

 private:
  void Add(int64_t bytes, Ticket& ticket);
  void Leave(int64_t bytes);

  const int64_t max_bytes_;
  Metrics& metrics_;

  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  // All guarded by mutex_.
  bool draining_ = false;
  int64_t requests_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_ADMISSION_H_
