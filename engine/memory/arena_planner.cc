#include "engine/memory/arena_planner.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/aligned_buffer.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/tensor/shape.h"

namespace dnnd::engine {
namespace {

bool AliveTogether(const BufferLifetime& a, const BufferLifetime& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

absl::Status CheckBuffers(absl::Span<const BufferLifetime> buffers) {
  int64_t total = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const BufferLifetime& buffer = buffers[i];
    if (buffer.bytes < 0 || buffer.last_step < buffer.first_step) {
      return absl::InvalidArgumentError(absl::StrCat("buffer ", i, " has ", buffer.bytes,
                                                     " bytes and lives from step ",
                                                     buffer.first_step, " to ", buffer.last_step));
    }
    // Bounds every offset below, whatever the order of placement.
    if (buffer.bytes > kMaxTensorBytes ||
        (total += RoundUp(buffer.bytes, kTensorAlignment)) > 64 * kMaxTensorBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("buffer ", i, " of ", buffer.bytes, " bytes does not fit an arena"));
    }
  }
  return absl::OkStatus();
}

// The best place for `buffer` among `placed` (indices by offset).
int64_t BestOffset(absl::Span<const BufferLifetime> buffers, const std::vector<int64_t>& offsets,
                   const std::vector<int>& placed, const BufferLifetime& buffer) {
  const int64_t bytes = RoundUp(buffer.bytes, kTensorAlignment);
  int64_t best = -1;
  int64_t best_gap = INT64_MAX;
  int64_t end = 0;  // of the memory taken so far by buffers alive at the same time
  for (int other : placed) {
    if (!AliveTogether(buffers[other], buffer)) {
      continue;
    }
    const int64_t gap = offsets[other] - end;
    if (gap >= bytes && gap < best_gap) {
      best = end;
      best_gap = gap;
    }
    end = std::max(end, offsets[other] + RoundUp(buffers[other].bytes, kTensorAlignment));
  }
  return best >= 0 ? best : end;
}

}  // namespace

absl::StatusOr<ArenaPlan> PlanArenaOffsets(absl::Span<const BufferLifetime> buffers) {
  DNND_RETURN_IF_ERROR(CheckBuffers(buffers));
  std::vector<int> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return buffers[a].bytes > buffers[b].bytes; });
  ArenaPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<int> placed;  // by offset
  for (int index : order) {
    const int64_t offset = BestOffset(buffers, plan.offsets, placed, buffers[index]);
    plan.offsets[index] = offset;
    const auto position =
        std::upper_bound(placed.begin(), placed.end(), offset,
                         [&](int64_t value, int other) { return value < plan.offsets[other]; });
    placed.insert(position, index);
    plan.total_bytes =
        std::max(plan.total_bytes, offset + RoundUp(buffers[index].bytes, kTensorAlignment));
  }
  if (plan.total_bytes > kMaxTensorBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the arena wants ", plan.total_bytes, " bytes, more than ", kMaxTensorBytes));
  }
  return plan;
}

absl::Status CheckNoOverlap(absl::Span<const BufferLifetime> buffers, const ArenaPlan& plan) {
  for (size_t a = 0; a < buffers.size(); ++a) {
    for (size_t b = a + 1; b < buffers.size(); ++b) {
      const bool overlap = plan.offsets[a] < plan.offsets[b] + buffers[b].bytes &&
                           plan.offsets[b] < plan.offsets[a] + buffers[a].bytes;
      if (overlap && AliveTogether(buffers[a], buffers[b])) {
        return absl::InternalError(absl::StrCat("buffers ", a, " and ", b,
                                                " live together and overlap at offsets ",
                                                plan.offsets[a], " and ", plan.offsets[b]));
      }
    }
  }
  return absl::OkStatus();
}

int64_t PeakLiveBytes(absl::Span<const BufferLifetime> buffers) {
  std::map<int, int64_t> change_at;  // step → bytes that begin less bytes that ended
  for (const BufferLifetime& buffer : buffers) {
    const int64_t bytes = RoundUp(buffer.bytes, kTensorAlignment);
    change_at[buffer.first_step] += bytes;
    change_at[buffer.last_step + 1] -= bytes;
  }
  int64_t live = 0;
  int64_t peak = 0;
  for (const auto& [step, change] : change_at) {
    live += change;
    peak = std::max(peak, live);
  }
  return peak;
}

std::string PrintArenaPlan(absl::Span<const BufferLifetime> buffers, const ArenaPlan& plan) {
  std::string text;
  for (size_t i = 0; i < buffers.size(); ++i) {
    absl::StrAppend(&text, i, ": [", plan.offsets[i], ", ", plan.offsets[i] + buffers[i].bytes,
                    ") steps ", buffers[i].first_step, "-", buffers[i].last_step, "\n");
  }
  absl::StrAppend(&text, "total ", plan.total_bytes, " bytes, alive at once ",
                  PeakLiveBytes(buffers), "\n");
  return text;
}

}  // namespace dnnd::engine
