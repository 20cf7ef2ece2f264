#include "server/batching/model_queue.h"

#include <algorithm>

namespace dnnd::server {
namespace {

// Shapes whose costs are remembered though nothing of them waits.
constexpr size_t kMaxIdleGroups = 32;
// Every so many full batches one is larger, so that a size which was measured in a busy moment gets
// another chance.
constexpr int64_t kTryLargerEvery = 16;

}  // namespace

ShapeGroup& ModelQueue::GroupOf(absl::Span<const engine::Shape> row) {
  for (const auto& group : groups) {
    if (absl::MakeConstSpan(group->row) == row) {
      return *group;
    }
  }
  if (groups.size() > kMaxIdleGroups) {
    // Never the first: it was warmed up.
    const auto idle = std::find_if(groups.begin() + 1, groups.end(), [](const auto& group) {
      return group->waiting.empty() && group.use_count() == 1;
    });
    if (idle != groups.end()) {
      groups.erase(idle);
    }
  }
  groups.push_back(std::make_shared<ShapeGroup>());
  groups.back()->row.assign(row.begin(), row.end());
  return *groups.back();
}

ShapeGroup::Waiting::const_iterator ShapeGroup::FirstInTime(absl::Time now) const {
  const absl::Duration least = narrow.empty() ? wide.Least(1)
                               : wide.empty() ? narrow.Least(1)
                                              : std::min(narrow.Least(1), wide.Least(1));
  return waiting.upper_bound({now + least, UINT64_MAX});
}

WaitingGroup ModelQueue::Snapshot(const ShapeGroup& group, absl::Time now) const {
  WaitingGroup snapshot;
  snapshot.narrow = &group.narrow;
  snapshot.wide = &group.wide;
  snapshot.max_rows = options.max_batch_rows;
  snapshot.rows = group.rows;
  snapshot.try_larger = group.full_batches % kTryLargerEvery == kTryLargerEvery - 1;
  snapshot.answered = group.answered;
  snapshot.runs = group.running > 0;
  const auto first = group.FirstInTime(now);
  for (auto it = group.waiting.begin(); it != first; ++it) {
    snapshot.rows -= it->second->rows_left();
  }
  int64_t listed = 0;
  for (auto it = first; it != group.waiting.end() && listed < options.max_batch_rows; ++it) {
    const int64_t rows = it->second->rows_left();
    snapshot.items.push_back({rows, it->first.first});
    listed += rows;
  }
  return snapshot;
}

}  // namespace dnnd::server
