// A lane: one pinned thread with its own OpenMP team, and the memory that plans run in on it.
#ifndef DNND_ENGINE_EXEC_LANE_H_
#define DNND_ENGINE_EXEC_LANE_H_

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/base/arena.h"
#include "engine/exec/executable.h"
#include "engine/exec/plan_instance.h"

namespace dnnd::engine {

// The arenas of a lane; the wide lane shares those of the first narrow one, since the two never
// compute at the same time.
struct LaneArenas {
  std::unique_ptr<Arena> serving;
  std::unique_ptr<Arena> background;  // of jobs that a serving job may interrupt
  std::unique_ptr<Arena> scratchpad;  // free between two kernels
  std::unique_ptr<Arena> tail;        // free between two nodes of a tail

  // Address space for `capacity` bytes in each; 0: as much as the machine has memory. Errors: those
  // of Arena::Reserve.
  static absl::StatusOr<std::shared_ptr<LaneArenas>> Reserve(int64_t capacity = 0);
};

// Used by jobs on the lane's own thread only.
class Lane {
 public:
  Lane(int width, std::shared_ptr<LaneArenas> arenas) : width_(width), arenas_(std::move(arenas)) {}

  // The number of threads of the team; plans that run here are compiled for it.
  int width() const { return width_; }

  // The instance of `executable` in the serving arena, bound at its first use and kept; valid until
  // the next call. The least recently used one goes when there are many. Errors: those of
  // PlanInstance::Create.
  absl::StatusOr<PlanInstance*> Instance(const std::shared_ptr<const Executable>& executable);

  // Memory for a job of background priority, apart from serving's.
  LaneMemory background_memory() { return MemoryWith(*arenas_->background); }

  // Frees the instances of plans that are retired.
  void Trim();

 private:
  LaneMemory MemoryWith(Arena& arena) {
    return {&arena, arenas_->scratchpad.get(), arenas_->tail.get()};
  }

  using Entry = std::pair<std::shared_ptr<const Executable>, std::unique_ptr<PlanInstance>>;

  const int width_;
  const std::shared_ptr<LaneArenas> arenas_;
  std::list<Entry> instances_;  // most recently used first
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_LANE_H_
