#ifndef DNND_CLIENT_OUTPUT_PROGRESS_H_
#define DNND_CLIENT_OUTPUT_PROGRESS_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/output/console.h"

namespace dnnd::client {

// While it lives, says on standard error what is going on and for how long; its line is gone when
// it goes. Prints nothing where standard error is no terminal. It owns standard error meanwhile:
// nobody else may write there.
class Progress {
 public:
  // The console must outlive the Progress.
  Progress(Console& console, std::string what);
  ~Progress();

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Run();

  Console& console_;
  const std::string what_;
  absl::Mutex mutex_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_PROGRESS_H_
