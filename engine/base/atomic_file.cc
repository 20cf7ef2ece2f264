#include "engine/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/errno_status.h"

namespace dnnd::engine {
namespace {

// A name that is taken is left over from a process of the same id: the next one is tried.
constexpr int kTries = 100;

absl::Status Failure(absl::string_view what, const std::string& path) {
  return ErrnoStatus(errno, absl::StrCat(what, " \"", path, "\""));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Create(const std::string& path) {
  static std::atomic<uint64_t> counter{0};
  // Not mkostemp: its files are for their owner only, and to learn the umask is to change it for
  // every thread. So open applies it.
  for (int i = 0; i < kTries; ++i) {
    std::string temporary = absl::StrCat(path, ".tmp-", getpid(), "-", ++counter);
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      return absl::WrapUnique(new AtomicFile(fd, std::move(temporary), path));
    }
    if (errno != EEXIST) {
      break;
    }
  }
  return Failure("cannot write", path);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) {
    close(fd_);
    unlink(temporary_.c_str());
  }
}

absl::Status AtomicFile::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return Failure("cannot write", path_);
    }
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  if (fsync(fd_) != 0) {
    return Failure("cannot sync", path_);
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return Failure("cannot name", path_);
  }
  close(fd_);
  fd_ = -1;
  const int folder = open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    return Failure("cannot sync the folder of", path_);
  }
  const bool synced = fsync(folder) == 0;
  absl::Status status = synced ? absl::OkStatus() : Failure("cannot sync the folder of", path_);
  close(folder);
  return status;
}

}  // namespace dnnd::engine
