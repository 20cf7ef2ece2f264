// The processor time of the calling thread.
#ifndef DNND_SERVER_BATCHING_CPU_TIME_H_
#define DNND_SERVER_BATCHING_CPU_TIME_H_

#include <ctime>

#include "absl/time/time.h"

namespace dnnd::server {

inline absl::Duration ThreadCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_CPU_TIME_H_
