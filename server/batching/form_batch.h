// Which of the waiting rows run next, and where: a pure function over a snapshot.
#ifndef DNND_SERVER_BATCHING_FORM_BATCH_H_
#define DNND_SERVER_BATCHING_FORM_BATCH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "server/batching/cost_curve.h"
#include "server/telemetry/labels.h"

namespace dnnd::server {

// The lanes that are free, as engine::LaneOffer has it.
struct FreeLanes {
  int narrow = 0;     // narrow lanes that may run now
  bool wide = false;  // the wide lane may run now
};

struct WaitingItem {
  int64_t rows = 0;  // that are not dispatched yet
  absl::Time deadline;
};

// The batch of a shape that was answered last.
struct AnsweredBatch {
  int64_t rows = 0;
  absl::Duration took;
  absl::Time at;
};

// Items of one shape, the earliest deadline first.
struct WaitingGroup {
  std::vector<WaitingItem> items;  // enough of them to fill the largest batch
  int64_t rows = 0;                // of all items, those that are not listed too
  int64_t max_rows = 1;            // of one batch, by model and configuration
  const CostCurve* narrow = nullptr;
  const CostCurve* wide = nullptr;
  AnsweredBatch answered;
  bool runs = false;        // another batch of this shape
  bool try_larger = false;  // measure a larger size again: it may have met a busy moment
  std::function<bool(LaneKind, int64_t)> has_plan;  // whether a batch of that size can run now
};

struct PlanWish {
  LaneKind kind = LaneKind::kNarrow;
  int64_t rows = 0;
};

struct Formed {
  int64_t rows = 0;  // 0: nothing runs now, see `hold_until` and `wish`
  LaneKind kind = LaneKind::kNarrow;
  DispatchReason reason = DispatchReason::kDrained;
  std::optional<PlanWish> wish;  // a size that would have been better, had it a plan
  absl::Time hold_until = absl::InfinitePast();  // with no rows: company is about to come
};

// All that waits, up to the size that costs least a row and that keeps the earliest deadline; never
// padded, only sizes that have a plan. Where both kinds of lane are free: the kind that is expected
// to be through with all that waits sooner; narrow lanes share it.
//
// Clients that were just answered are about to ask again. While another batch runs, rows that are
// fewer are held for them for a moment, a quarter of the time of the batch that was answered at
// most: taken at once, they would occupy the lane alone, again and again, and the many would wait.
// Under more load more than that wait, and nothing is held. REQUIRES: items is not empty.
Formed FormBatch(const WaitingGroup& group, const FreeLanes& lanes, absl::Time now);

// The size that is given a plan for `rows` that wait: every size up to 8, and fewer and fewer
// beyond, so that the plans of a model are few dozens.
int64_t PlannedSize(int64_t rows);

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_FORM_BATCH_H_
