#include "server/repository/repository.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "engine/base/block_pool.h"
#include "engine/base/status.h"
#include "server/config/model_config.h"
#include "server/repository/client_error.h"
#include "server/repository/memory_budget.h"

namespace dnnd::server {
namespace {

std::string VersionName(const std::string& model, int64_t version) {
  return absl::StrCat("model \"", model, "\" version ", version);
}

absl::Status Stopping() { return absl::CancelledError("the server is going down"); }

}  // namespace

Repository::Repository(RepositoryOptions options, VersionLoader& loader, Metrics& metrics,
                       Logger& log)
    : options_(std::move(options)),
      loader_(loader),
      log_(log),
      table_(metrics, options_.on_change),
      reaper_(std::make_unique<Reaper>([this](const Reaper::Gone& gone) { InstanceGone(gone); })) {}

Repository::~Repository() {
  Stop();
  if (thread_.joinable()) {
    thread_.join();
  }
  for (const std::string& name : table_.Names()) {
    table_.TakeOut(name, std::nullopt, nullptr);
  }
  reaper_.reset();
}

void Repository::Stop() {
  std::deque<Operation> cancelled;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    cancelled.swap(operations_);
  }
  changed_.notify_all();
  for (const Operation& operation : cancelled) {
    operation.End(Stopping());
  }
}

bool Repository::stopping() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopping_;
}

absl::Status Repository::Start() {
  DNND_ASSIGN_OR_RETURN(const StoreScan scan, ScanStore(options_.model_store));
  Plan(scan.models);
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

bool Repository::Load(const std::string& name, std::optional<int64_t> version, Done done) {
  return Enqueue({[=, this] { return LoadNow(name, version, false); }, std::move(done)});
}

bool Repository::Reload(const std::string& name, std::optional<int64_t> version, Done done) {
  return Enqueue({[=, this] { return LoadNow(name, version, true); }, std::move(done)});
}

// Not queued behind loads: taking out needs no work of the loader's.
void Repository::Unload(const std::string& name, std::optional<int64_t> version, Done done) {
  log_.Info("unloading", {{"model", name}, {"version", version.value_or(0)}});
  table_.TakeOut(name, version, std::move(done));
}

bool Repository::Enqueue(Operation operation) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!stopping_) {
      if (operations_.size() >= kMaxWaiting) {
        return false;
      }
      operations_.push_back(std::move(operation));
      changed_.notify_all();
      return true;
    }
  }
  operation.End(Stopping());
  return true;
}

void Repository::Loop() {
  Poll();
  if (stopping()) {
    return;
  }
  settled_ = true;
  if (options_.on_settled) {
    options_.on_settled();
  }
  const bool polls = options_.poll_interval > absl::ZeroDuration();
  const auto interval = std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.poll_interval));
  std::unique_lock<std::mutex> lock(mutex_);
  auto next_poll = std::chrono::steady_clock::now() + interval;
  while (!stopping_) {
    const auto woken = [&] { return stopping_ || !operations_.empty(); };
    if (!polls) {
      changed_.wait(lock, woken);
    } else if (!changed_.wait_until(lock, next_poll, woken)) {
      lock.unlock();
      Poll();
      lock.lock();
      next_poll = std::chrono::steady_clock::now() + interval;
      continue;
    }
    if (!stopping_ && !operations_.empty()) {
      const Operation operation = std::move(operations_.front());
      operations_.pop_front();
      lock.unlock();
      operation.End(operation.run());
      lock.lock();
    }
  }
}

void Repository::LogIgnored(const std::vector<Ignored>& ignored) {
  const std::set<Ignored> now(ignored.begin(), ignored.end());
  for (const Ignored& entry : now) {
    if (logged_.count(entry) == 0) {
      log_.Warning("ignored in the model store", {{"path", entry.path}, {"reason", entry.reason}});
    }
  }
  logged_ = now;
}

void Repository::Poll() {
  const absl::StatusOr<StoreScan> scan = ScanStore(options_.model_store);
  if (!scan.ok()) {
    log_.Error("the model store cannot be read", {{"error", scan.status()}});
    return;
  }
  LogIgnored(scan->ignored);
  std::vector<StoredModel> models = scan->models;
  for (const std::string& name : table_.Names()) {
    if (std::none_of(scan->models.begin(), scan->models.end(),
                     [&](const StoredModel& model) { return model.name == name; })) {
      models.push_back({name, absl::StrCat(options_.model_store, "/", name), {}});
    }
  }
  Plan(models);
  for (const StoredModel& model : models) {
    Apply(model);
  }
}

void Repository::Plan(const std::vector<StoredModel>& models) {
  for (const StoredModel& model : models) {
    table_.PlanLoads(model.name, PlanChanges(Facts(model)).load);
  }
}

// A configuration that cannot be read fails the loads, with its error as their reason; which
// versions those are is then the default's choice.
std::vector<VersionFacts> Repository::Facts(const StoredModel& model) {
  const absl::StatusOr<v1::ModelConfig> config = ReadModelConfig(model.folder);
  std::vector<int64_t> numbers;
  for (const StoredVersion& version : model.versions) {
    numbers.push_back(version.number);
  }
  std::vector<int64_t> wanted =
      WantedVersions(config.ok() ? config->versions() : v1::VersionPolicy(), numbers);
  if (options_.labelled) {
    const std::vector<int64_t> labelled = options_.labelled(model.name);
    std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(wanted), [&](int64_t number) {
      return std::find(labelled.begin(), labelled.end(), number) != labelled.end();
    });
  }
  return table_.Update(model, wanted);
}

// Newest first, as PlanChanges would have it. What a load says is logged, and is the version's
// reason.
void Repository::Apply(const StoredModel& model) {
  for (auto version = model.versions.rbegin(); version != model.versions.rend(); ++version) {
    if (table_.StillPlanned(model.name, version->number) && !stopping()) {
      LoadVersion(model, *version).IgnoreError();
    }
  }
  UnloadReplaced(model);
}

void Repository::UnloadReplaced(const StoredModel& model) {
  for (int64_t number : PlanChanges(Facts(model)).unload) {
    log_.Info("unloading", {{"model", model.name}, {"version", number}});
    table_.Withdraw(model.name, number, "replaced, or no longer named by the version policy");
  }
}

absl::Status Repository::LoadNow(const std::string& name, std::optional<int64_t> version,
                                 bool anew) {
  DNND_ASSIGN_OR_RETURN(const StoredModel model, ScanModel(options_.model_store, name));
  Facts(model);
  std::vector<StoredVersion> chosen = model.versions;
  if (version.has_value()) {
    chosen.erase(std::remove_if(chosen.begin(), chosen.end(),
                                [&](const StoredVersion& v) { return v.number != *version; }),
                 chosen.end());
  }
  if (chosen.empty()) {
    return absl::NotFoundError(
        version.has_value() ? absl::StrCat(VersionName(name, *version), " is not in the store")
                            : absl::StrCat("model \"", name, "\" has no version in the store"));
  }
  table_.AskFor(name, version);
  absl::Status first;
  for (const VersionFacts& facts : Facts(model)) {
    const bool meant = version.has_value() ? facts.number == *version : facts.wanted;
    const auto stored = std::find_if(chosen.begin(), chosen.end(), [&](const StoredVersion& v) {
      return v.number == facts.number;
    });
    if (stopping()) {
      return Stopping();
    }
    if (meant && stored != chosen.end() && (anew || facts.state != ModelState::kReady)) {
      first.Update(LoadVersion(model, *stored));
    }
  }
  UnloadReplaced(model);
  return first;
}

absl::StatusOr<std::unique_ptr<ServedModel>> Repository::LoadWithinBudget(
    const StoredModel& model, const StoredVersion& version) {
  const std::string what = VersionName(model.name, version.number);
  // Before the load its files are all that is known: weights take at least what they take on disk.
  DNND_RETURN_IF_ERROR(CheckBudget(absl::StrCat(what, ", judged by its files,"), version.bytes,
                                   used_bytes_, options_.memory_budget_bytes));
  VersionSource source{model.name, version.number, model.folder, version.file, nullptr};
  source.metrics = table_.BeginLoad(model.name, version.number);
  DNND_ASSIGN_OR_RETURN(std::unique_ptr<ServedModel> served, loader_.Load(source));
  const int64_t bytes = served->weight_bytes + served->arena_bytes;
  DNND_RETURN_IF_ERROR(CheckBudget(what, bytes, used_bytes_, options_.memory_budget_bytes));
  if (served->config.has_max_memory_bytes()) {
    DNND_RETURN_IF_ERROR(CheckBudget(absl::StrCat(what, " (max_memory_bytes of its configuration)"),
                                     bytes, 0, served->config.max_memory_bytes()));
  }
  return served;
}

absl::Status Repository::LoadVersion(const StoredModel& model, const StoredVersion& version) {
  log_.Info("loading", {{"model", model.name}, {"version", version.number}});
  const absl::Time start = absl::Now();
  absl::StatusOr<std::unique_ptr<ServedModel>> served = LoadWithinBudget(model, version);
  if (!served.ok()) {
    log_.Error("load failed",
               {{"model", model.name}, {"version", version.number}, {"error", served.status()}});
    absl::Status told = ForClients(served.status(), model.folder);
    table_.FailLoad(model.name, version.number, version.stamp, told);
    return told;
  }
  ServedModel& ready = **served;
  ready.load_duration = absl::Now() - start;
  const int64_t bytes = ready.weight_bytes + ready.arena_bytes;
  ready.metrics->SetLoaded(ready.load_duration, ready.weight_bytes, ready.arena_bytes);
  used_bytes_ += bytes;
  const ModelHandle handle = reaper_->Wrap(*std::move(served));
  if (!table_.Publish(handle)) {
    return absl::AbortedError(absl::StrCat(VersionName(model.name, version.number),
                                           " was unloaded while it was loading"));
  }
  log_.Info("ready", {{"model", model.name},
                      {"version", version.number},
                      {"seconds", absl::ToDoubleSeconds(handle->load_duration)},
                      {"bytes", bytes},
                      {"assumed", absl::StrJoin(handle->assumed, "; ")}});
  return absl::OkStatus();
}

void Repository::InstanceGone(const Reaper::Gone& gone) {
  used_bytes_ -= gone.bytes;
  if (options_.on_released) {
    options_.on_released();
  }
  // Weights of many sizes leave holes in the heaps of many threads. Without this a daemon that
  // loads and unloads grows by a quarter before it levels off.
  engine::ProcessBlockPool().Release();
  malloc_trim(0);
  table_.InstanceGone(gone.name, gone.version);
}

}  // namespace dnnd::server
