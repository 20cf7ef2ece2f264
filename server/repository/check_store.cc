#include "server/repository/check_store.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/config/model_config.h"
#include "server/repository/labels_file.h"
#include "server/repository/scan.h"

namespace dnnd::server {
namespace {

std::vector<std::string> FindFaultsOfModel(const std::string& folder) {
  std::vector<std::string> faults = FindFaultsOfFile(folder);
  // Where the labels are is known only from a configuration that can be read.
  const auto config = ReadModelConfig(folder);
  if (config.ok()) {
    const auto labels = ReadLabelsFile(folder, config->labels_file());
    if (!labels.ok()) {
      faults.push_back(absl::StrCat(folder, "/", labels.status().message()));
    }
  }
  return faults;
}

}  // namespace

StoreCheck CheckStore(const std::string& root) {
  StoreCheck check;
  const absl::StatusOr<StoreScan> scan = ScanStore(root);
  if (!scan.ok()) {
    check.faults.emplace_back(scan.status().message());
    return check;
  }
  for (const Ignored& entry : scan->ignored) {
    check.warnings.push_back(absl::StrCat(entry.path, ": ", entry.reason));
  }
  check.models = static_cast<int64_t>(scan->models.size());
  for (const StoredModel& model : scan->models) {
    if (model.versions.empty()) {
      check.warnings.push_back(absl::StrCat(model.folder, ": no version in it"));
    }
    std::vector<std::string> found = FindFaultsOfModel(model.folder);
    check.faults.insert(check.faults.end(), std::make_move_iterator(found.begin()),
                        std::make_move_iterator(found.end()));
  }
  return check;
}

}  // namespace dnnd::server
