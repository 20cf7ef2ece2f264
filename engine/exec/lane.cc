#include "engine/exec/lane.h"

#include <unistd.h>

#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// Instances hold a few kilobytes a kernel; enough for several models with all their usual batch
// sizes.
constexpr size_t kMaxInstances = 64;

}  // namespace

absl::StatusOr<std::shared_ptr<LaneArenas>> LaneArenas::Reserve(int64_t capacity) {
  if (capacity <= 0) {
    capacity = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  }
  auto arenas = std::make_shared<LaneArenas>();
  DNND_ASSIGN_OR_RETURN(arenas->serving, Arena::Reserve(capacity));
  DNND_ASSIGN_OR_RETURN(arenas->background, Arena::Reserve(capacity));
  DNND_ASSIGN_OR_RETURN(arenas->scratchpad, Arena::Reserve(capacity));
  DNND_ASSIGN_OR_RETURN(arenas->tail, Arena::Reserve(capacity));
  return arenas;
}

absl::StatusOr<PlanInstance*> Lane::Instance(const std::shared_ptr<const Executable>& executable) {
  for (auto entry = instances_.begin(); entry != instances_.end(); ++entry) {
    if (entry->first == executable) {
      instances_.splice(instances_.begin(), instances_, entry);
      return instances_.front().second.get();
    }
  }
  Trim();
  DNND_ASSIGN_OR_RETURN(std::unique_ptr<PlanInstance> instance,
                        PlanInstance::Create(executable, MemoryWith(*arenas_->serving)));
  instances_.emplace_front(executable, std::move(instance));
  if (instances_.size() > kMaxInstances) {
    instances_.pop_back();
  }
  return instances_.front().second.get();
}

void Lane::Trim() {
  instances_.remove_if([](const Entry& entry) { return entry.first->retired(); });
}

}  // namespace dnnd::engine
