// What a handler knows of a call, whatever wire it came by.
#ifndef DNND_SERVER_HANDLERS_CALL_H_
#define DNND_SERVER_HANDLERS_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dnnd::server {

// Set once, by the wire, when nobody waits for the answer any more. Thread-safe.
class Cancellation {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

struct Call {
  std::string request_id;
  absl::Time deadline = absl::InfiniteFuture();  // the client's own
  std::shared_ptr<const Cancellation> cancellation;

  bool cancelled() const { return cancellation != nullptr && cancellation->cancelled(); }
};

// Called exactly once, on any thread, also when the call was cancelled. What the request's views
// point to must live until then.
template <typename Output>
using Done = std::function<void(absl::StatusOr<Output>)>;

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_CALL_H_
