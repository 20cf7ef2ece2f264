#include "server/repository/model_table.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/repository/not_found.h"

namespace dnnd::server {
namespace {

constexpr char kTakenOut[] = "unloaded by request";

// Calls `done` when it was called `count` times, with the first error of those.
ModelTable::Done After(int count, ModelTable::Done done) {
  struct State {
    std::mutex mutex;
    int left;
    absl::Status first;
    ModelTable::Done done;
  };
  auto state = std::make_shared<State>();
  state->left = count;
  state->done = std::move(done);
  return [state](const absl::Status& status) {
    std::unique_lock<std::mutex> lock(state->mutex);
    state->first.Update(status);
    if (--state->left == 0) {
      lock.unlock();
      state->done(state->first);
    }
  };
}

}  // namespace

ModelTable::Version& ModelTable::Slot(Model& model, const std::string& name, int64_t number) {
  Version& version = model.versions[number];
  if (version.metrics == nullptr) {
    version.metrics = metrics_.ForModel(name, number);
    version.metrics->SetState(ModelStateName(version.state));
  }
  return version;
}

void ModelTable::SetState(Version& version, ModelState state, std::string reason,
                          Aftermath* aftermath) {
  version.state = state;
  version.reason = std::move(reason);
  version.planned = false;
  version.metrics->SetState(ModelStateName(state));
  if (state != ModelState::kReady && version.served != nullptr) {
    version.draining = version.served;
    aftermath->released.push_back(std::move(version.served));
    version.served = nullptr;
  }
  if (state == ModelState::kUnavailable) {
    EndUnloads(version, absl::OkStatus(), aftermath);
  }
}

void ModelTable::EndUnloads(Version& version, const absl::Status& status, Aftermath* aftermath) {
  for (Done& done : version.waiting) {
    aftermath->done.emplace_back(std::move(done), status);
  }
  version.waiting.clear();
}

bool ModelTable::IsTakenOut(const Model& model, const Version& version) {
  return version.taken_out || (model.taken_out && !version.asked_for);
}

void ModelTable::StartUnload(Version& version, const std::string& why, Aftermath* aftermath) {
  if (version.state == ModelState::kReady) {
    SetState(version, ModelState::kUnloading, why, aftermath);
  } else if (version.state == ModelState::kUnavailable) {
    SetState(version, ModelState::kUnavailable, why, aftermath);
  }
}

void ModelTable::Finish(const std::string& name, Aftermath aftermath) {
  aftermath.released.clear();
  if (on_change_) {
    const std::lock_guard<std::mutex> lock(telling_);
    const absl::StatusOr<ModelStatus> model = Get(name);
    on_change_(name,
               model.ok() ? std::optional<bool>(model->serving_version.has_value()) : std::nullopt);
  }
  for (const auto& [done, status] : aftermath.done) {
    done(status);
  }
}

void ModelTable::NoteStored(Model& model, const StoredModel& stored,
                            const std::vector<int64_t>& wanted) {
  for (auto& [number, version] : model.versions) {
    version.stored = version.wanted = version.planned = false;
  }
  for (const StoredVersion& version : stored.versions) {
    Version& slot = Slot(model, stored.name, version.number);
    slot.stored = true;
    slot.stamp = version.stamp;
  }
  for (int64_t number : wanted) {
    model.versions[number].wanted = true;
  }
  for (auto& [number, version] : model.versions) {
    if (version.state == ModelState::kUnavailable && version.reason.empty()) {
      version.reason = model.taken_out  ? kTakenOut
                       : version.wanted ? "not loaded yet"
                                        : "the version policy does not name it";
    }
  }
}

std::vector<VersionFacts> ModelTable::Update(const StoredModel& stored,
                                             const std::vector<int64_t>& wanted) {
  std::vector<VersionFacts> facts;
  bool forgot = false;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    if (stored.versions.empty() && models_.count(stored.name) == 0) {
      return {};
    }
    Model& model = models_[stored.name];
    NoteStored(model, stored, wanted);
    for (auto it = model.versions.begin(); it != model.versions.end();) {
      const Version& v = it->second;
      if (!v.stored && v.state == ModelState::kUnavailable && v.instances == 0) {
        it = model.versions.erase(it);
        forgot = true;
        continue;
      }
      facts.push_back({it->first, v.state, v.stored, v.wanted, v.asked_for, IsTakenOut(model, v),
                       v.failed.has_value() && *v.failed == v.stamp});
      ++it;
    }
    if (model.versions.empty()) {
      models_.erase(stored.name);
    }
  }
  if (forgot) {
    Finish(stored.name, {});
  }
  return facts;
}

void ModelTable::AskFor(const std::string& name, std::optional<int64_t> version) {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  Model& model = models_[name];
  for (auto& [number, slot] : model.versions) {
    if (!version.has_value() || number == *version) {
      slot.taken_out = false;
      slot.failed.reset();
    }
  }
  if (version.has_value()) {
    // One that the policy names is the policy's, and goes when a newer one replaces it.
    Version& slot = Slot(model, name, *version);
    slot.asked_for = model.taken_out || !slot.wanted;
  } else {
    model.taken_out = false;
  }
}

void ModelTable::TakeOut(const std::string& name, std::optional<int64_t> version, Done done) {
  Aftermath aftermath;
  absl::Status fault;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto model = models_.find(name);
    std::vector<Version*> chosen;
    if (model != models_.end()) {
      for (auto& [number, slot] : model->second.versions) {
        if (!version.has_value() || number == *version) {
          chosen.push_back(&slot);
        }
      }
    }
    if (model == models_.end()) {
      fault = NoSuchModel(name);
    } else if (chosen.empty()) {
      fault = version.has_value() ? NoSuchVersion(name, *version) : absl::OkStatus();
    }
    if (fault.ok() && !version.has_value()) {
      model->second.taken_out = true;
    }
    const Done each =
        chosen.empty() || !done ? Done() : After(static_cast<int>(chosen.size()), done);
    for (Version* slot : chosen) {
      slot->taken_out = true;
      slot->asked_for = false;
      if (each) {
        slot->waiting.push_back(each);
      }
      StartUnload(*slot, kTakenOut, &aftermath);
    }
    if (chosen.empty() && done) {
      aftermath.done.emplace_back(std::move(done), fault);
    }
  }
  Finish(name, std::move(aftermath));
}

void ModelTable::PlanLoads(const std::string& name, const std::vector<int64_t>& versions) {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  for (int64_t number : versions) {
    Version& version = Slot(models_[name], name, number);
    version.planned = true;
    version.reason = "it waits for its turn to be loaded";
  }
}

std::shared_ptr<ModelMetrics> ModelTable::BeginLoad(const std::string& name, int64_t number) {
  std::shared_ptr<ModelMetrics> metrics;
  Aftermath aftermath;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    Version& version = Slot(models_[name], name, number);
    metrics = version.metrics;
    if (version.state != ModelState::kReady) {
      EndUnloads(version,
                 absl::AbortedError(absl::StrCat("model \"", name, "\" version ", number,
                                                 " was loaded again meanwhile")),
                 &aftermath);
      SetState(version, ModelState::kLoading, "", &aftermath);
    }
  }
  Finish(name, std::move(aftermath));
  return metrics;
}

bool ModelTable::Publish(const ModelHandle& served) {
  Aftermath aftermath;
  bool published = false;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    Model& model = models_[served->name];
    Version& version = Slot(model, served->name, served->version);
    ++version.instances;
    if (IsTakenOut(model, version)) {
      version.draining = served;
      SetState(version, ModelState::kUnloading, kTakenOut, &aftermath);
    } else {
      if (version.served != nullptr) {
        aftermath.released.push_back(version.served);
      }
      version.served = served;
      version.failed.reset();
      SetState(version, ModelState::kReady, "", &aftermath);
      published = true;
    }
  }
  Finish(served->name, std::move(aftermath));
  return published;
}

void ModelTable::FailLoad(const std::string& name, int64_t number, const FileStamp& stamp,
                          const absl::Status& why) {
  Aftermath aftermath;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    Model& model = models_[name];
    Version& version = Slot(model, name, number);
    version.failed = stamp;
    if (version.state != ModelState::kReady) {
      SetState(version, version.instances == 0 ? ModelState::kUnavailable : ModelState::kUnloading,
               IsTakenOut(model, version) ? kTakenOut : why.ToString(), &aftermath);
    }
  }
  Finish(name, std::move(aftermath));
}

void ModelTable::Withdraw(const std::string& name, int64_t number, const std::string& why) {
  Aftermath aftermath;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto model = models_.find(name);
    if (model == models_.end() || model->second.versions.count(number) == 0) {
      return;
    }
    StartUnload(model->second.versions[number], why, &aftermath);
  }
  Finish(name, std::move(aftermath));
}

void ModelTable::InstanceGone(const std::string& name, int64_t number) {
  Aftermath aftermath;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    Version& version = Slot(models_[name], name, number);
    --version.instances;
    if (version.state == ModelState::kUnloading && version.instances == 0) {
      SetState(version, ModelState::kUnavailable, version.reason, &aftermath);
    }
  }
  Finish(name, std::move(aftermath));
}

}  // namespace dnnd::server
