// The number of threads of what the calling thread creates or runs.
#ifndef DNND_ENGINE_EXEC_THREAD_COUNT_H_
#define DNND_ENGINE_EXEC_THREAD_COUNT_H_

#include <omp.h>

namespace dnnd::engine {

// oneDNN bakes the number of threads of the calling thread into what it creates: this sets it while
// it lives.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  const int before_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_THREAD_COUNT_H_
