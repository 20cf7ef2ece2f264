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

std::vector<std::string> FindFaultsOfStore(const std::string& root) {
  const absl::StatusOr<StoreScan> scan = ScanStore(root);
  if (!scan.ok()) {
    return {std::string(scan.status().message())};
  }
  std::vector<std::string> faults;
  for (const StoredModel& model : scan->models) {
    std::vector<std::string> found = FindFaultsOfModel(model.folder);
    faults.insert(faults.end(), std::make_move_iterator(found.begin()),
                  std::make_move_iterator(found.end()));
  }
  return faults;
}

}  // namespace dnnd::server
