// The models that are served: finds them in the store, loads them beside what serves, and switches.
#ifndef DNND_SERVER_REPOSITORY_REPOSITORY_H_
#define DNND_SERVER_REPOSITORY_REPOSITORY_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/repository/model_table.h"
#include "server/repository/reaper.h"
#include "server/repository/scan.h"
#include "server/repository/served_model.h"
#include "server/telemetry/logger.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

struct RepositoryOptions {
  std::string model_store;
  absl::Duration poll_interval;  // zero: only at start
  int64_t memory_budget_bytes = 0;
  // Versions of a model that should serve beside those of its policy, for a label names them. May
  // be empty.
  std::function<std::vector<int64_t>(const std::string& model)> labelled;
  // Called from any thread, also while the repository goes, one call after the other: the last one
  // says how the model is. Must not change models. May be empty.
  ModelChange on_change;
  // A version was given up and nobody uses it any more: what others keep for it can go. Called from
  // the thread that frees versions, before the memory goes back to the system. May be empty.
  std::function<void()> on_released;
  // Called once, on the loader's thread, when every model found at start is ready or has failed.
  std::function<void()> on_settled;
};

// Thread-safe. Loads run one after the other on a thread of its own; finding a model never waits
// for them.
//
// Invariants:
//  1. A version serves from the moment its successor is READY at the earliest until its last
//  request is answered: a reload loses nothing, a failing version changes nothing.
//  2. What an operator unloaded stays out until an operator loads it, whatever the store holds.
class Repository {
 public:
  using Done = ModelTable::Done;

  // `loader`, `metrics` and `log` outlive the repository.
  Repository(RepositoryOptions options, VersionLoader& loader, Metrics& metrics, Logger& log);
  // Stops, and waits for the load that is in progress.
  ~Repository();

  // Scans the store and begins to load: every model in it is known on return. Called once. The
  // error of the system when the store cannot be listed.
  absl::Status Start();

  // No load begins any more; operations that wait are cancelled. Does not wait for the load that is
  // in progress.
  void Stop();

  // See ModelTable.
  absl::StatusOr<ModelHandle> Find(const std::string& name, std::optional<int64_t> version) const {
    return table_.Find(name, version);
  }
  std::vector<ModelStatus> List() const { return table_.List(); }
  absl::StatusOr<ModelStatus> Get(const std::string& name) const { return table_.Get(name); }

  // Operations. `done` is called once, at the end state, from another thread or this one: OK, or
  // why the version (the first of several) is not what was asked for. Without a version: those that
  // the model's policy names (load, reload), or all (unload).
  //  NOT_FOUND           no such model or version in the store
  //  INVALID_ARGUMENT    the model or its configuration is wrong; all else that a load may say
  //  RESOURCE_EXHAUSTED  the memory budget, with the figures
  //  ABORTED             an unload overtook the load, or a load the unload
  //  CANCELLED           the repository is ending
  // Loads and reloads wait for one another. False, and `done` is never called, when kMaxWaiting of
  // them wait already. `done` may be empty.
  static constexpr int kMaxWaiting = 64;
  [[nodiscard]] bool Load(const std::string& name, std::optional<int64_t> version, Done done);
  [[nodiscard]] bool Reload(const std::string& name, std::optional<int64_t> version, Done done);
  void Unload(const std::string& name, std::optional<int64_t> version, Done done);

  bool settled() const { return settled_.load(); }
  // Weights and arenas of everything in memory, versions that drain included.
  int64_t used_bytes() const { return used_bytes_.load(); }
  int64_t budget_bytes() const { return options_.memory_budget_bytes; }

 private:
  struct Operation {
    void End(const absl::Status& status) const {
      if (done) {
        done(status);
      }
    }
    std::function<absl::Status()> run;
    Done done;
  };

  void Loop();
  bool Enqueue(Operation operation);
  bool stopping();
  // The steps below run on the loader's thread.
  void Poll();
  absl::Status LoadNow(const std::string& name, std::optional<int64_t> version, bool anew);
  absl::Status LoadVersion(const StoredModel& model, const StoredVersion& version);
  absl::StatusOr<std::unique_ptr<ServedModel>> LoadWithinBudget(const StoredModel& model,
                                                                const StoredVersion& version);
  // Notes what the store holds now and what is to be loaded of it.
  void Plan(const std::vector<StoredModel>& models);
  void Apply(const StoredModel& model);
  void UnloadReplaced(const StoredModel& model);
  std::vector<VersionFacts> Facts(const StoredModel& model);
  void LogIgnored(const std::vector<Ignored>& ignored);
  void InstanceGone(const Reaper::Gone& gone);

  const RepositoryOptions options_;
  VersionLoader& loader_;
  Logger& log_;
  std::set<Ignored> logged_;  // the loader's thread only

  std::atomic<bool> settled_ = false;
  std::atomic<int64_t> used_bytes_ = 0;
  ModelTable table_;
  std::unique_ptr<Reaper> reaper_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Operation> operations_;  // guarded by mutex_
  bool stopping_ = false;             // guarded by mutex_
  std::thread thread_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_REPOSITORY_H_
