// The time, injected, so that tests of deadlines and timers need not wait for it.
#ifndef DNND_ENGINE_BASE_CLOCK_H_
#define DNND_ENGINE_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace dnnd::engine {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;

  // The system's clock; lives for ever.
  static const Clock& Real();
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_CLOCK_H_
