// Where the bytes of a model come from: a file that stays open, or memory. Large weights are read
// from it straight into the place where they are needed, so that loading never holds a model twice.
#ifndef DNND_ENGINE_BASE_BYTE_SOURCE_H_
#define DNND_ENGINE_BASE_BYTE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

// Immutable and thread-safe. Shared by every tensor that is stored in it.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual int64_t size() const = 0;
  // Fills [destination, destination + bytes) from `offset`. OUT_OF_RANGE when that leaves the
  // source, DATA_LOSS when a file became shorter after it was opened, INTERNAL for an I/O error.
  virtual absl::Status Read(int64_t offset, int64_t bytes, void* destination) const = 0;
};

// Opens a regular file (read with pread, never mapped: a file truncated by someone else must not
// raise SIGBUS). NOT_FOUND, PERMISSION_DENIED, or INVALID_ARGUMENT when `path` is not a regular
// file.
absl::StatusOr<std::shared_ptr<const ByteSource>> OpenFile(const std::string& path);

// Opens `name` inside the folder `directory`. Refuses (INVALID_ARGUMENT) names that are absolute,
// that leave the folder, that pass through a symbolic link, or that have more than one hard link.
absl::StatusOr<std::shared_ptr<const ByteSource>> OpenFileBeneath(const std::string& directory,
                                                                  const std::string& name);

// Takes ownership of `bytes`.
std::shared_ptr<const ByteSource> BytesInMemory(std::string bytes);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_BYTE_SOURCE_H_
