// Files that are there whole or not at all.
#ifndef DNND_ENGINE_BASE_ATOMIC_FILE_H_
#define DNND_ENGINE_BASE_ATOMIC_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

// Writes a file under a temporary name beside its own and gives it its name at the end, so that
// neither a reader nor a crash ever sees half of it. Not thread-safe.
class AtomicFile {
 public:
  // NOT_FOUND when the folder does not exist, PERMISSION_DENIED or INTERNAL when the temporary file
  // cannot be made.
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(const std::string& path);
  // Without Commit, nothing is left behind.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // RESOURCE_EXHAUSTED when the disk is full.
  absl::Status Write(absl::string_view bytes);
  // Syncs the contents, renames, and syncs the folder. Replaces a file of that name.
  absl::Status Commit();

 private:
  AtomicFile(int fd, std::string temporary, std::string path)
      : fd_(fd), temporary_(std::move(temporary)), path_(std::move(path)) {}

  int fd_;
  const std::string temporary_;
  const std::string path_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_ATOMIC_FILE_H_
