// Which model a request means.
#ifndef DNND_SERVER_HANDLERS_MODEL_REFERENCE_H_
#define DNND_SERVER_HANDLERS_MODEL_REFERENCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/repository/repository.h"
#include "server/store/version_labels.h"

namespace dnnd::server {

struct ModelReference {
  std::string name;
  std::optional<int64_t> version;  // neither this nor a label: the newest that is ready
  std::string version_label;
};

// INVALID_ARGUMENT (INVALID_REQUEST) for a name that no model can have.
absl::Status CheckModelName(const std::string& name);
// INVALID_ARGUMENT (INVALID_REQUEST) below 1.
absl::Status CheckVersion(int64_t version);

// The version that answers. INVALID_ARGUMENT as above; NOT_FOUND (MODEL_NOT_FOUND) when there is no
// such model, version or label; FAILED_PRECONDITION (MODEL_NOT_LOADED) when none is in memory, with
// why and what to do; UNAVAILABLE (MODEL_LOADING, with RetryInfo) while it is loading.
absl::StatusOr<ModelHandle> FindModel(const Repository& repository, const VersionLabels& labels,
                                      const ModelReference& reference);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_MODEL_REFERENCE_H_
