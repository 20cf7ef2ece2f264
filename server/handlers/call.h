// What a handler knows of a call, whatever wire it came by.
#ifndef DNND_SERVER_HANDLERS_CALL_H_
#define DNND_SERVER_HANDLERS_CALL_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dnnd::server {

// Set once, by the wire, when nobody waits for the answer any more. Thread-safe.
class Cancellation {
 public:
  void Cancel();
  bool cancelled() const;

  // Runs `react` when it is set; at once if it is set already. Only the last one given counts.
  void OnCancel(std::function<void()> react);

 private:
  mutable std::mutex mutex_;
  bool cancelled_ = false;       // guarded by mutex_
  std::function<void()> react_;  // guarded by mutex_
};

struct Call {
  std::string request_id;
  absl::Time deadline = absl::InfiniteFuture();  // the client's own
  std::shared_ptr<Cancellation> cancellation;    // never null

  // OK while somebody waits for the answer; else CANCELLED or DEADLINE_EXCEEDED.
  absl::Status StillWanted() const;
};

// Called exactly once, on any thread, also when the call was cancelled. What the request's views
// point to must live until then.
template <typename Output>
using Done = std::function<void(absl::StatusOr<Output>)>;

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_CALL_H_
