// What lies in the model store: MODEL_STORE/<name>/<version>/model.onnx.
//
// Symbolic links below the store's own folder are not followed: a link that somebody drops into the
// store cannot make the daemon read outside of it.
#ifndef DNND_SERVER_REPOSITORY_SCAN_H_
#define DNND_SERVER_REPOSITORY_SCAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::server {

// Whether `name` may be a model's: ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$.
bool IsModelName(absl::string_view name);

// "1", "20261122": a number of 1 or more without leading zeros that fits 63 bits.
std::optional<int64_t> ParseVersion(absl::string_view text);

// Tells one state of a file from another.
struct FileStamp {
  uint64_t inode = 0;
  int64_t bytes = 0;
  int64_t modified_ns = 0;

  friend bool operator==(const FileStamp& a, const FileStamp& b) {
    return a.inode == b.inode && a.bytes == b.bytes && a.modified_ns == b.modified_ns;
  }
};

struct StoredVersion {
  int64_t number = 0;
  std::string file;   // path of its model.onnx
  FileStamp stamp;    // of that file
  int64_t bytes = 0;  // all files of the version: external weights lie beside the model
};

struct StoredModel {
  std::string name;
  std::string folder;
  std::vector<StoredVersion> versions;  // ascending
};

// Something in the store that is no model, and why.
struct Ignored {
  std::string path;
  std::string reason;

  friend bool operator<(const Ignored& a, const Ignored& b) {
    return a.path != b.path ? a.path < b.path : a.reason < b.reason;
  }
};

struct StoreScan {
  std::vector<StoredModel> models;  // by name; those without a version too
  std::vector<Ignored> ignored;
};

// The error of the system when `root` cannot be listed; faults below it are in `ignored`.
// RESOURCE_EXHAUSTED when there are no descriptors or no memory left to look: nothing is known
// then.
absl::StatusOr<StoreScan> ScanStore(const std::string& root);

// One model of the store. INVALID_ARGUMENT when `name` is no model's name, NOT_FOUND when there is
// no such folder, or none that may be read; RESOURCE_EXHAUSTED as above.
absl::StatusOr<StoredModel> ScanModel(const std::string& root, const std::string& name);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_SCAN_H_
