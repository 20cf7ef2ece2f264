#include "server/batching/timer.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace dnnd::server {

ThreadTimer::ThreadTimer() : thread_([this] { Loop(); }) {}

ThreadTimer::~ThreadTimer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ThreadTimer::SetCallback(std::function<void()> callback) {
  const std::lock_guard<std::mutex> lock(calling_);
  callback_ = std::move(callback);
}

void ThreadTimer::Set(absl::Time at) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (at < at_) {
    at_ = at;
    changed_.notify_all();
  }
}

void ThreadTimer::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (at_ == absl::InfiniteFuture()) {
      changed_.wait(lock);
      continue;
    }
    const absl::Duration left = at_ - absl::Now();
    if (left > absl::ZeroDuration()) {
      // Never longer than a day: beyond, conversions of the clock overflow.
      changed_.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, absl::Hours(24))));
      continue;
    }
    at_ = absl::InfiniteFuture();
    lock.unlock();
    {
      const std::lock_guard<std::mutex> calling(calling_);
      if (callback_) {
        callback_();
      }
    }
    lock.lock();
  }
}

}  // namespace dnnd::server
