#include "server/batching/form_batch.h"

#include <algorithm>
#include <utility>

namespace dnnd::server {
namespace {

// How one kind of lane would go about it.
struct Way {
  LaneKind kind = LaneKind::kNarrow;
  const CostCurve* curve = nullptr;
  int64_t best = 1;        // the size that costs least a row
  int64_t rows = 0;        // of the next batch
  absl::Duration through;  // until all that waits is done
};

// How long a lane is held for those who were just answered, of the time that their batch took.
constexpr double kHold = 1.0 / 4;
// The wide lane takes the place of all narrow ones: it has to be worth it. Small networks run on it
// as fast as on one of them, give or take what measurements scatter by.
constexpr double kWideWorth = 0.85;

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

Way WayOf(LaneKind kind, int lanes, const WaitingGroup& group, absl::Time now) {
  Way way;
  way.kind = kind;
  way.curve = kind == LaneKind::kWide ? group.wide : group.narrow;
  // Sizes beyond those that were measured are tried by doubling while that pays, so that a shape
  // that was never warmed up finds its best size by itself.
  const int64_t known = way.curve->BestRows(group.max_rows);
  const bool growing = way.curve->StillImproving(group.max_rows) ||
                       (group.try_larger && 2 * known <= way.curve->largest() &&
                        way.curve->Least(2 * known) <= kLongestBatch);
  way.best = std::min(group.max_rows, growing ? 2 * known : known);
  way.rows = std::min(way.best, CeilDivide(group.rows, lanes));
  const int64_t rounds = CeilDivide(group.rows, way.rows * lanes);
  way.through = static_cast<double>(rounds) * way.curve->Predict(way.rows, now);
  return way;
}

// The ways that are open now, the better one first.
std::vector<Way> Ways(const WaitingGroup& group, const FreeLanes& lanes, absl::Time now) {
  std::vector<Way> ways;
  if (lanes.wide) {
    ways.push_back(WayOf(LaneKind::kWide, 1, group, now));
  }
  if (lanes.narrow > 0) {
    ways.push_back(WayOf(LaneKind::kNarrow, lanes.narrow, group, now));
  }
  if (ways.size() == 2 && ways[0].through > kWideWorth * ways[1].through) {
    std::swap(ways[0], ways[1]);
  }
  return ways;
}

// The most rows, of at most `rows`, that keep every deadline that can be kept. One that even a
// batch of one is expected to miss does not make the batch smaller: predictions may err, so it is
// run, but not at the cost of the others.
int64_t KeepDeadlines(const WaitingGroup& group, const Way& way, int64_t rows, absl::Time now) {
  const absl::Time soonest = now + way.curve->Predict(1, now);
  for (const WaitingItem& item : group.items) {
    if (item.deadline < soonest) {
      continue;
    }
    while (rows > 1 && now + way.curve->Predict(rows, now) > item.deadline) {
      rows = PlannedSize(rows - 1);
    }
    break;  // later deadlines are kept with the earliest
  }
  return rows;
}

// Until when the batch should be held, if at all.
absl::Time HoldUntil(const WaitingGroup& group, const Formed& formed, const Way& way,
                     absl::Time now) {
  const absl::Time until = group.answered.at + kHold * group.answered.took;
  const bool fewer = formed.reason == DispatchReason::kDrained &&
                     formed.rows < std::min(group.answered.rows, way.best);
  const bool in_time =
      until + way.curve->Predict(group.answered.rows, now) <= group.items.front().deadline;
  return group.runs && fewer && in_time && now < until ? until : absl::InfinitePast();
}

Formed Form(const WaitingGroup& group, const Way& way, absl::Time now) {
  Formed formed;
  formed.kind = way.kind;
  const int64_t wanted = PlannedSize(way.rows);
  const int64_t kept = KeepDeadlines(group, way, wanted, now);
  formed.rows = kept;
  while (formed.rows > 0 && !group.has_plan(way.kind, formed.rows)) {
    formed.rows = formed.rows == 1 ? 0 : PlannedSize(formed.rows - 1);
  }
  if (formed.rows < kept) {
    formed.wish = PlanWish{way.kind, kept};
  }
  formed.reason = formed.rows == group.rows ? DispatchReason::kDrained
                  : formed.rows < kept      ? DispatchReason::kPlan
                  : kept < wanted           ? DispatchReason::kDeadline
                  : wanted == way.best      ? DispatchReason::kFull
                  : way.rows == group.rows  ? DispatchReason::kPlan
                                            : DispatchReason::kShared;
  formed.hold_until = HoldUntil(group, formed, way, now);
  if (formed.hold_until > now) {
    formed.rows = 0;
  }
  return formed;
}

}  // namespace

int64_t PlannedSize(int64_t rows) {
  const int64_t step = rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 64 ? 8 : 32;
  return rows / step * step;
}

Formed FormBatch(const WaitingGroup& group, const FreeLanes& lanes, absl::Time now) {
  std::optional<Formed> fallback;
  for (const Way& way : Ways(group, lanes, now)) {
    Formed formed = Form(group, way, now);
    if (formed.rows > 0 || formed.hold_until > now) {
      if (fallback.has_value()) {
        formed.wish = fallback->wish;  // the better way has no plan at all yet
      }
      return formed;
    }
    if (!fallback.has_value()) {
      fallback = formed;
    }
  }
  return fallback.value_or(Formed());
}

}  // namespace dnnd::server
