// Decisions about versions, as pure functions over snapshots: which should serve, and what to do
// next to get there.
#ifndef DNND_SERVER_REPOSITORY_VERSION_POLICY_H_
#define DNND_SERVER_REPOSITORY_VERSION_POLICY_H_

#include <cstdint>
#include <vector>

#include "dnnd/v1/config.pb.h"
#include "server/repository/model_state.h"

namespace dnnd::server {

// The versions that `policy` names, of those that are `stored` (ascending). Ascending.
std::vector<int64_t> WantedVersions(const v1::VersionPolicy& policy,
                                    const std::vector<int64_t>& stored);

// What is known of one version.
struct VersionFacts {
  int64_t number = 0;
  ModelState state = ModelState::kUnavailable;
  bool stored = false;     // it lies in the store
  bool wanted = false;     // the policy names it
  bool asked_for = false;  // an operator loaded it, beyond the policy
  bool taken_out = false;  // an operator unloaded it, or its whole model
  bool failed = false;     // its load failed, and its file is the same still
};

struct VersionChanges {
  std::vector<int64_t> load;    // newest first: the sooner the newest is ready, the better
  std::vector<int64_t> unload;  // may go at once
};

// Invariants: what an operator took out is not loaded, what an operator asked for is not unloaded
// while it is stored; a version that should go serves on until one that should stay is ready, so
// that a failing new version leaves the old one serving.
VersionChanges PlanChanges(const std::vector<VersionFacts>& versions);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_VERSION_POLICY_H_
