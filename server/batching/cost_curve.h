// How long a batch of b rows takes: measured at warm-up, corrected by every run since.
//
// Two measures of a run: the time on the clock, which is what requests wait for, and the processor
// time of the lane's thread, which is what the batch costs. On a machine that others use too the
// first grows with the length of a run, so that only the second can compare sizes. Their
// quotient is how busy the machine is, for every size: a size that nobody used lately is not faster
// for that.
#ifndef DNND_SERVER_BATCHING_COST_CURVE_H_
#define DNND_SERVER_BATCHING_COST_CURVE_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"

namespace dnnd::server {

// A batch that takes longer delays whoever comes next by more than batching gains.
constexpr absl::Duration kLongestBatch = absl::Milliseconds(250);

// A value type; not synchronised.
class CostCurve {
 public:
  // A run of `rows` took `wall` by the clock and `cpu` of the lane's thread.
  void Observe(int64_t rows, absl::Duration wall, absl::Duration cpu, absl::Time now);

  // Nothing was ever measured: predictions are zero.
  bool empty() const { return points_.empty(); }

  // What a run of `rows` is expected to take now, between measured sizes by straight lines: its
  // least time, and longer by as much as runs were of late. That fades: after a busy moment the
  // curve comes back by itself.
  absl::Duration Predict(int64_t rows, absl::Time now) const;

  // What a run of `rows` needs at the least: its processor time.
  absl::Duration Least(int64_t rows) const;

  // Whether the largest measured size, of at most `limit`, costs less a row than the one before it,
  // so that a larger one is worth a try.
  bool StillImproving(int64_t limit) const;
  int64_t largest() const { return points_.empty() ? 0 : points_.rbegin()->first; }

  // The largest measured size of at most `limit` rows and kLongestBatch whose least time per row is
  // within 5 % of the best one. At least 1.
  int64_t BestRows(int64_t limit) const;

 private:
  double SlowdownNow(absl::Time now) const;

  std::map<int64_t, absl::Duration> points_;  // by rows: the least processor time of all runs
  double slowdown_ = 1;                       // of runs by the clock, moving average
  absl::Time observed_ = absl::InfinitePast();
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_COST_CURVE_H_
