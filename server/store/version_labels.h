// Labels of versions ("stable", "canary"): names that clients use and operators move.
#ifndef DNND_SERVER_STORE_VERSION_LABELS_H_
#define DNND_SERVER_STORE_VERSION_LABELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/state_db.h"

namespace dnnd::server {

// Whether `text` may be a label: ^[A-Za-z][A-Za-z0-9._-]{0,63}$, so that none looks like a version.
bool IsVersionLabel(absl::string_view text);

// Thread-safe; finding one takes no disk. A label may outlive its version.
class VersionLabels {
 public:
  using OfModel = std::map<std::string, int64_t>;  // by label

  // Reads those of `db`, which outlives it.
  static absl::StatusOr<std::unique_ptr<VersionLabels>> Read(StateDb& db);

  std::optional<int64_t> Find(const std::string& model, const std::string& label) const;
  OfModel Of(const std::string& model) const;

  // On the disk on return; on an error nothing has changed.
  absl::Status Set(const std::string& model, const std::string& label, int64_t version);
  // NOT_FOUND when there is no such label.
  absl::Status Remove(const std::string& model, const std::string& label);

 private:
  explicit VersionLabels(StateDb& db) : db_(db) {}

  StateDb& db_;
  std::mutex changing_;  // one change at a time, its writing included
  mutable std::shared_mutex mutex_;
  std::map<std::string, OfModel> labels_;  // guarded by mutex_
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_STORE_VERSION_LABELS_H_
