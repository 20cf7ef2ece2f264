#include "server/store/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dnnd::server {
namespace {

// Who wrote the file; only for the message, the lock itself is the kernel's.
std::string HolderOf(int fd) {
  char text[32];
  const ssize_t bytes = pread(fd, text, sizeof(text), 0);
  const absl::string_view pid =
      absl::StripAsciiWhitespace(absl::string_view(text, bytes > 0 ? bytes : 0));
  for (char c : pid) {
    if (c < '0' || c > '9') {
      return "another process";
    }
  }
  return pid.empty() ? "another process" : absl::StrCat("process ", pid);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateLock>> StateLock::Acquire(const std::string& state_dir) {
  std::error_code error;
  if (!std::filesystem::is_directory(state_dir, error)) {
    const std::filesystem::path parent = std::filesystem::path(state_dir).parent_path();
    if (!parent.empty()) {
      std::filesystem::create_directories(parent, error);
    }
    if (mkdir(state_dir.c_str(), 0700) != 0 && errno != EEXIST) {
      return absl::ErrnoToStatus(errno, absl::StrCat("state folder ", state_dir));
    }
  }
  const std::string path = absl::StrCat(state_dir, "/LOCK");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("state folder ", state_dir));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = HolderOf(fd);
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat("state folder ", state_dir, " is in use by ",
                                                      holder,
                                                      "; give each daemon its own --state-dir"));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    const absl::Status status = absl::ErrnoToStatus(errno, path);
    close(fd);
    return status;
  }
  return absl::WrapUnique(new StateLock(fd));
}

StateLock::~StateLock() { close(fd_); }

}  // namespace dnnd::server
