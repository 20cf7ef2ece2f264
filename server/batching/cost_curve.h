// How long a batch of b rows takes: measured at warm-up, corrected by every run since.
//
// Two measures of a run: the time on the clock, which is what requests wait for, and the processor
// time of the lane's thread, which is what the batch costs. On a machine that others use too the
// first grows with the length of a run, so that only the second can compare sizes.
#ifndef DNND_SERVER_BATCHING_COST_CURVE_H_
#define DNND_SERVER_BATCHING_COST_CURVE_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"

namespace dnnd::server {

// A value type; not synchronised.
class CostCurve {
 public:
  // A run of `rows` took `wall` by the clock and `cpu` of the lane's thread.
  void Observe(int64_t rows, absl::Duration wall, absl::Duration cpu, absl::Time now);

  // Nothing was ever measured: predictions are zero.
  bool empty() const { return points_.empty(); }

  // What a run of `rows` is expected to take now, between measured sizes by straight lines. What
  // was seen lately counts, but fades: after a busy moment the curve comes back by itself, though
  // nobody uses that size any more.
  absl::Duration Predict(int64_t rows, absl::Time now) const;

  // What a run of `rows` needs at the least: its processor time.
  absl::Duration Least(int64_t rows) const;

  // Whether the largest measured size, of at most `limit`, costs less a row than the one before it,
  // so that a larger one is worth a try.
  bool StillImproving(int64_t limit) const;
  int64_t largest() const { return points_.empty() ? 0 : points_.rbegin()->first; }

  // The largest measured size of at most `limit` whose least time per row is within 5 % of the best
  // one. At least 1.
  int64_t BestRows(int64_t limit) const;

 private:
  struct Point {
    absl::Duration least;   // processor time, of all runs
    absl::Duration recent;  // by the clock, moving average
    absl::Time observed;
  };
  static absl::Duration Now(const Point& point, absl::Time now);
  static absl::Duration PerRow(int64_t rows, const Point& point);
  template <typename Value>
  absl::Duration Interpolate(int64_t rows, const Value& value) const;

  std::map<int64_t, Point> points_;  // by rows
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_COST_CURVE_H_
