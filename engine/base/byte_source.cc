#include "engine/base/byte_source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errno_status.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

absl::Status CheckRange(int64_t offset, int64_t bytes, int64_t size) {
  if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
    return absl::OutOfRangeError(
        absl::StrCat("wanted bytes [", offset, ", +", bytes, ") of a source of ", size, " bytes"));
  }
  return absl::OkStatus();
}

class FileSource final : public ByteSource {
 public:
  FileSource(int fd, int64_t size) : fd_(fd), size_(size) {}
  ~FileSource() override { close(fd_); }

  int64_t size() const override { return size_; }

  absl::Status Read(int64_t offset, int64_t bytes, void* destination) const override {
    DNND_RETURN_IF_ERROR(CheckRange(offset, bytes, size_));
    auto* out = static_cast<char*>(destination);
    while (bytes > 0) {
      const ssize_t got = pread(fd_, out, bytes, offset);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return ErrnoStatus(errno, "reading the file");
      }
      if (got == 0) {
        return absl::DataLossError("the file became shorter while it was read");
      }
      out += got;
      offset += got;
      bytes -= got;
    }
    return absl::OkStatus();
  }

 private:
  const int fd_;
  const int64_t size_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}

  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }

  absl::Status Read(int64_t offset, int64_t bytes, void* destination) const override {
    DNND_RETURN_IF_ERROR(CheckRange(offset, bytes, size()));
    if (bytes > 0) {
      std::memcpy(destination, bytes_.data() + offset, bytes);
    }
    return absl::OkStatus();
  }

 private:
  const std::string bytes_;
};

// Takes ownership of `fd`.
absl::StatusOr<std::shared_ptr<const ByteSource>> FromDescriptor(int fd, const std::string& name,
                                                                 bool single_link) {
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is not a regular file"));
  }
  if (single_link && info.st_nlink != 1) {
    close(fd);
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" has ", info.st_nlink, " hard links, wanted 1"));
  }
  return std::shared_ptr<const ByteSource>(std::make_shared<FileSource>(fd, info.st_size));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ByteSource>> OpenFile(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not hang; fstat then refuses it.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot open \"", path, "\""));
  }
  return FromDescriptor(fd, path, /*single_link=*/false);
}

absl::StatusOr<std::shared_ptr<const ByteSource>> OpenFileBeneath(const std::string& directory,
                                                                  const std::string& name) {
  const int folder = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot open the folder \"", directory, "\""));
  }
  open_how how = {};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const int fd = static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof(how)));
  close(folder);
  if (fd < 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot open \"", name, "\" beside the model"));
  }
  return FromDescriptor(fd, name, /*single_link=*/true);
}

std::shared_ptr<const ByteSource> BytesInMemory(std::string bytes) {
  return std::make_shared<MemorySource>(std::move(bytes));
}

}  // namespace dnnd::engine
