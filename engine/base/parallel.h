// Loops over the OpenMP team of the calling thread, the same team that oneDNN's primitives use.
#ifndef DNND_ENGINE_BASE_PARALLEL_H_
#define DNND_ENGINE_BASE_PARALLEL_H_

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace dnnd::engine {

// Elements of a simple loop (a few operations each) that are worth a thread: 64 kB to read and 64
// kB to write take a core some 6 us, about what it costs to wake a team (cost/machine_limits.h
// measures that on the machine).
inline constexpr int64_t kElementsAThread = 16 * 1024;

// Calls body(begin, end) on disjoint ranges that cover [0, count), one range a thread. `grain` is
// the least number of items that is worth a thread: below two grains the caller does all of it and
// no team is woken.
template <typename Body>
void ParallelFor(int64_t count, int64_t grain, const Body& body) {
  const int64_t threads =
      std::min<int64_t>(omp_get_max_threads(), count / std::max<int64_t>(grain, 1));
  if (threads <= 1 || omp_in_parallel()) {
    body(int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int64_t team = omp_get_num_threads();
    const int64_t rank = omp_get_thread_num();
    const int64_t begin = count * rank / team;
    const int64_t end = count * (rank + 1) / team;
    if (begin < end) {
      body(begin, end);
    }
  }
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_PARALLEL_H_
