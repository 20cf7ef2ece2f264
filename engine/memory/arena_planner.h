// Places buffers in one arena by their lifetimes: those that are never alive together may share
// memory.
#ifndef DNND_ENGINE_MEMORY_ARENA_PLANNER_H_
#define DNND_ENGINE_MEMORY_ARENA_PLANNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace dnnd::engine {

// A buffer that must keep its contents from the beginning of first_step to the end of last_step.
// Values that share memory on purpose (views, in-place results) are one buffer: the caller joins
// them.
struct BufferLifetime {
  int64_t bytes = 0;
  int first_step = 0;
  int last_step = 0;
};

struct ArenaPlan {
  int64_t total_bytes = 0;
  std::vector<int64_t> offsets;  // by buffer; multiples of kTensorAlignment
};

// Greedy: the largest buffer first, each into the smallest gap that holds it between the buffers
// placed already that live at the same time. INVALID_ARGUMENT for a negative size or a life that
// ends before it begins, RESOURCE_EXHAUSTED when the arena would be larger than any tensor may be.
absl::StatusOr<ArenaPlan> PlanArenaOffsets(absl::Span<const BufferLifetime> buffers);

// INTERNAL naming two buffers that live at the same time and overlap in memory. Compares every
// pair: for tests.
absl::Status CheckNoOverlap(absl::Span<const BufferLifetime> buffers, const ArenaPlan& plan);

// The bytes alive at the worst step: no plan can need less.
int64_t PeakLiveBytes(absl::Span<const BufferLifetime> buffers);

// One line a buffer: number, offset, bytes, steps; then the total beside the lower bound.
std::string PrintArenaPlan(absl::Span<const BufferLifetime> buffers, const ArenaPlan& plan);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_MEMORY_ARENA_PLANNER_H_
