// What the daemon knows of every model: the one place where states change, and where a request
// finds its model.
#ifndef DNND_SERVER_REPOSITORY_MODEL_TABLE_H_
#define DNND_SERVER_REPOSITORY_MODEL_TABLE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/model_state.h"
#include "server/repository/scan.h"
#include "server/repository/served_model.h"
#include "server/repository/version_policy.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

struct VersionStatus {
  int64_t version = 0;
  ModelState state = ModelState::kUnavailable;
  std::string reason;  // of kUnavailable
  ModelHandle served;  // of kReady, and of kUnloading as long as somebody holds it
};

struct ModelStatus {
  std::string name;
  std::optional<int64_t> serving_version;  // what a request gets that names no version
  std::vector<VersionStatus> versions;     // newest first
};

// Told of a model one of whose states has changed: its name, and whether a version of it serves;
// nothing when the model is gone.
using ModelChange = std::function<void(const std::string& name, std::optional<bool> serves)>;

// Thread-safe: many readers at once, a writer only when a state changes. No callback runs under the
// lock, but `on_change` runs for one change after the other.
class ModelTable {
 public:
  using Done = std::function<void(absl::Status)>;

  // `on_change`: see RepositoryOptions.
  ModelTable(Metrics& metrics, ModelChange on_change)
      : metrics_(metrics), on_change_(std::move(on_change)) {}

  // The version, or the newest that is ready. NOT_FOUND when there is no such model or version;
  // FAILED_PRECONDITION when none is in memory (the message says why); UNAVAILABLE, worth a retry,
  // while it is loading or waits for its turn.
  absl::StatusOr<ModelHandle> Find(const std::string& name, std::optional<int64_t> version) const;
  std::vector<ModelStatus> List() const;
  absl::StatusOr<ModelStatus> Get(const std::string& name) const;
  std::vector<std::string> Names() const;

  // Takes note of what the store holds now, and which of it should serve. Versions that it no
  // longer holds are forgotten, unless they are in memory. Returns the facts to plan from.
  std::vector<VersionFacts> Update(const StoredModel& stored, const std::vector<int64_t>& wanted);

  // An operator wants the version (of the policy when it has no number) in memory, or out of it.
  void AskFor(const std::string& name, std::optional<int64_t> version);
  // `done` is called once the versions are out of memory. NOT_FOUND at once when there is no such
  // model or version; ABORTED when one of them is loaded again meanwhile. May be empty.
  void TakeOut(const std::string& name, std::optional<int64_t> version, Done done);

  // These versions are about to be loaded, one after the other.
  void PlanLoads(const std::string& name, const std::vector<int64_t>& versions);
  // False when it was taken out since PlanLoads: it is not to be loaded any more.
  bool StillPlanned(const std::string& name, int64_t version) const;

  // The steps of a load. A version that serves already stays READY meanwhile; one that fails is
  // UNLOADING as long as instances of it drain.
  std::shared_ptr<ModelMetrics> BeginLoad(const std::string& name, int64_t version);
  // False when it was taken out while it was loading: it is then UNLOADING until its holders, the
  // caller among them, let go.
  bool Publish(const ModelHandle& served);
  void FailLoad(const std::string& name, int64_t version, const FileStamp& stamp,
                const absl::Status& why);

  // Stops giving the version out; it is gone when its last holder lets go.
  void Withdraw(const std::string& name, int64_t version, const std::string& why);
  // An instance of the version was freed.
  void InstanceGone(const std::string& name, int64_t version);

 private:
  struct Version {
    ModelState state = ModelState::kUnavailable;
    std::string reason;
    ModelHandle served;                         // of kReady
    std::weak_ptr<const ServedModel> draining;  // of kUnloading
    int instances = 0;  // in memory: the one that serves and those that drain
    bool stored = false;
    bool wanted = false;
    bool asked_for = false;
    bool taken_out = false;
    bool planned = false;             // to be loaded, as PlanLoads says
    std::optional<FileStamp> failed;  // the file whose load failed
    FileStamp stamp;
    std::shared_ptr<ModelMetrics> metrics;
    std::vector<Done> waiting;  // unloads, for kUnavailable
  };
  struct Model {
    bool taken_out = false;  // the whole model, versions to come included
    std::map<int64_t, Version> versions;
  };
  // What is done after the lock is released.
  struct Aftermath {
    std::vector<std::pair<Done, absl::Status>> done;
    std::vector<ModelHandle> released;
  };

  static ModelStatus StatusOf(const std::string& name, const Model& model);
  static int Nearness(const Version& version);
  void NoteStored(Model& model, const StoredModel& stored, const std::vector<int64_t>& wanted);
  Version& Slot(Model& model, const std::string& name, int64_t version);
  static void SetState(Version& version, ModelState state, std::string reason,
                       Aftermath* aftermath);
  static void EndUnloads(Version& version, const absl::Status& status, Aftermath* aftermath);
  static bool IsTakenOut(const Model& model, const Version& version);
  static void StartUnload(Version& version, const std::string& why, Aftermath* aftermath);
  void Finish(const std::string& name, Aftermath aftermath);

  Metrics& metrics_;
  const ModelChange on_change_;
  std::mutex telling_;               // held while on_change_ runs, so that news keep their order
  mutable std::shared_mutex mutex_;  // taken after telling_
  std::map<std::string, Model> models_;  // guarded by mutex_
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_MODEL_TABLE_H_
