#include "server/repository/version_policy.h"

#include <algorithm>

namespace dnnd::server {

std::vector<int64_t> WantedVersions(const v1::VersionPolicy& policy,
                                    const std::vector<int64_t>& stored) {
  if (policy.has_all()) {
    return stored;
  }
  if (policy.has_specific()) {
    const auto& listed = policy.specific().versions();
    std::vector<int64_t> wanted;
    std::copy_if(stored.begin(), stored.end(), std::back_inserter(wanted), [&](int64_t version) {
      return std::find(listed.begin(), listed.end(), version) != listed.end();
    });
    return wanted;
  }
  const size_t count = policy.latest().has_count() ? policy.latest().count() : 1;
  const size_t first = stored.size() > count ? stored.size() - count : 0;
  return {stored.begin() + static_cast<std::ptrdiff_t>(first), stored.end()};
}

VersionChanges PlanChanges(const std::vector<VersionFacts>& versions) {
  const auto should_serve = [](const VersionFacts& v) {
    return v.stored && !v.taken_out && (v.wanted || v.asked_for);
  };
  const bool some_should = std::any_of(versions.begin(), versions.end(), should_serve);
  const bool replaced = std::any_of(versions.begin(), versions.end(), [&](const VersionFacts& v) {
    return should_serve(v) && v.state == ModelState::kReady;
  });
  VersionChanges changes;
  for (const VersionFacts& version : versions) {
    if (should_serve(version)) {
      if (version.state == ModelState::kUnavailable && !version.failed) {
        changes.load.push_back(version.number);
      }
    } else if (version.state == ModelState::kReady && (replaced || !some_should)) {
      changes.unload.push_back(version.number);
    }
  }
  std::sort(changes.load.rbegin(), changes.load.rend());
  return changes;
}

}  // namespace dnnd::server
