// One daemon a state folder.
#ifndef DNND_SERVER_STORE_STATE_LOCK_H_
#define DNND_SERVER_STORE_STATE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace dnnd::server {

// Holds the lock of a state folder for as long as it lives. The lock is the kernel's (flock), so
// that a daemon that was killed leaves none behind.
class StateLock {
 public:
  // Makes the folder, for this user alone, where it is missing. FAILED_PRECONDITION naming the
  // process that holds the lock, PERMISSION_DENIED or another code of the system when the folder
  // cannot be used.
  static absl::StatusOr<std::unique_ptr<StateLock>> Acquire(const std::string& state_dir);
  ~StateLock();
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  explicit StateLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_STORE_STATE_LOCK_H_
