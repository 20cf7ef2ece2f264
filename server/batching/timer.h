// Calls back at a time: how what expired leaves the queue without anybody polling.
#ifndef DNND_SERVER_BATCHING_TIMER_H_
#define DNND_SERVER_BATCHING_TIMER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace dnnd::server {

// Thread-safe. One implementation over a thread, one that tests turn by hand.
class Timer {
 public:
  virtual ~Timer() = default;
  // What is called; set once, before the first Set. Null stops it, and waits for a call in
  // progress.
  virtual void SetCallback(std::function<void()> callback) = 0;
  // Calls back at `at`, or before where an earlier time is set already. InfiniteFuture: no change.
  virtual void Set(absl::Time at) = 0;
};

// On a thread of its own, by the system's clock.
class ThreadTimer : public Timer {
 public:
  ThreadTimer();
  ~ThreadTimer() override;
  void SetCallback(std::function<void()> callback) override;
  void Set(absl::Time at) override;

 private:
  void Loop();

  std::mutex calling_;              // held during a call
  std::function<void()> callback_;  // guarded by calling_
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Time at_ = absl::InfiniteFuture();  // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_
  std::thread thread_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_TIMER_H_
