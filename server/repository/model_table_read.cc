// How models are, as readers see it: ModelTable's other half is where they change.
#include <mutex>

#include "absl/strings/str_cat.h"
#include "server/repository/model_table.h"
#include "server/repository/not_found.h"

namespace dnnd::server {
ModelStatus ModelTable::StatusOf(const std::string& name, const Model& model) {
  ModelStatus status;
  status.name = name;
  for (auto it = model.versions.rbegin(); it != model.versions.rend(); ++it) {
    const auto& [number, version] = *it;
    if (version.state == ModelState::kReady && !status.serving_version.has_value()) {
      status.serving_version = number;
    }
    status.versions.push_back(
        {number, version.state, version.reason,
         version.state == ModelState::kUnloading ? version.draining.lock() : version.served});
  }
  return status;
}

// Of several versions that are not ready, which is the one to speak of: the one that will be
// soonest, then one that should serve.
int ModelTable::Nearness(const Version& version) {
  if (version.state == ModelState::kLoading) {
    return 3;
  }
  return version.planned ? 2 : version.wanted ? 1 : 0;
}

absl::StatusOr<ModelHandle> ModelTable::Find(const std::string& name,
                                             std::optional<int64_t> version) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto model = models_.find(name);
  if (model == models_.end()) {
    return NoSuchModel(name);
  }
  const auto& versions = model->second.versions;
  const Version* found = nullptr;
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (version.has_value() && it->first != *version) {
      continue;
    }
    if (it->second.state == ModelState::kReady) {
      return it->second.served;
    }
    if (found == nullptr || Nearness(it->second) > Nearness(*found)) {
      found = &it->second;
    }
  }
  if (found == nullptr) {
    return version.has_value()
               ? NoSuchVersion(name, *version)
               : absl::NotFoundError(absl::StrCat("model \"", name, "\" has no version"));
  }
  const std::string what = version.has_value()
                               ? absl::StrCat("model \"", name, "\" version ", *version)
                               : absl::StrCat("model \"", name, "\"");
  if (found->state == ModelState::kLoading) {
    return absl::UnavailableError(absl::StrCat(what, " is loading"));
  }
  const std::string why = absl::StrCat(what, " is not loaded: ", found->reason);
  return found->planned ? absl::UnavailableError(why) : absl::FailedPreconditionError(why);
}

std::vector<ModelStatus> ModelTable::List() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  std::vector<ModelStatus> list;
  for (const auto& [name, model] : models_) {
    list.push_back(StatusOf(name, model));
  }
  return list;
}

absl::StatusOr<ModelStatus> ModelTable::Get(const std::string& name) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto model = models_.find(name);
  if (model == models_.end()) {
    return NoSuchModel(name);
  }
  return StatusOf(name, model->second);
}

std::vector<std::string> ModelTable::Names() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, model] : models_) {
    names.push_back(name);
  }
  return names;
}

bool ModelTable::StillPlanned(const std::string& name, int64_t number) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto model = models_.find(name);
  if (model == models_.end()) {
    return false;
  }
  const auto version = model->second.versions.find(number);
  return version != model->second.versions.end() && version->second.planned;
}

}  // namespace dnnd::server
