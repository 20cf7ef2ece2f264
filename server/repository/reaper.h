// Where versions of models end: whoever lets go of one last may be a lane or a network thread, and
// freeing gigabytes is not their work.
#ifndef DNND_SERVER_REPOSITORY_REAPER_H_
#define DNND_SERVER_REPOSITORY_REAPER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "server/repository/served_model.h"

namespace dnnd::server {

// Thread-safe. Owns one thread.
class Reaper {
 public:
  // What is told of a version that is gone, after its memory was freed; on the reaper's thread.
  struct Gone {
    std::string name;
    int64_t version = 0;
    int64_t bytes = 0;
  };
  explicit Reaper(std::function<void(const Gone&)> on_gone);
  // Handles that still exist afterwards free their version where they are let go, and nobody is
  // told.
  ~Reaper();

  // A handle whose last holder leaves the freeing to this thread.
  ModelHandle Wrap(std::unique_ptr<ServedModel> model);

 private:
  // Shared with the handles, which may outlive the reaper.
  struct Inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<const ServedModel*> dead;  // guarded by mutex
    bool closed = false;                  // guarded by mutex
  };
  void Loop();

  const std::function<void(const Gone&)> on_gone_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::thread thread_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_REAPER_H_
