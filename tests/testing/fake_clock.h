// A clock that goes when the test says so.
#ifndef DNND_TESTS_TESTING_FAKE_CLOCK_H_
#define DNND_TESTS_TESTING_FAKE_CLOCK_H_

#include <mutex>

#include "engine/base/clock.h"

namespace dnnd::testing {

class FakeClock : public engine::Clock {
 public:
  absl::Time Now() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    const std::lock_guard<std::mutex> lock(mutex_);
    now_ += by;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
};

}  // namespace dnnd::testing

#endif  // DNND_TESTS_TESTING_FAKE_CLOCK_H_
