#include "server/batching/cost_curve.h"

#include <algorithm>
#include <cmath>

namespace dnnd::server {
namespace {

// Weight of the newest run in the moving average.
constexpr double kNewest = 0.2;
// How fast the recent past fades.
constexpr absl::Duration kFading = absl::Seconds(10);
// Sizes whose time per row is this close to the best one's are as good. More than the two in a
// hundred that are wanted: measurements of small networks scatter by as much, and a larger batch
// saves the work around a run, which no curve shows.
constexpr double kAsGood = 1.05;
// What a batch costs beside its run: forming it, waking a lane, answering. It counts for models
// whose runs are as short.
constexpr absl::Duration kDispatch = absl::Microseconds(30);
// Sizes that were measured; runs of other sizes improve their neighbours' prediction only by being
// close.
constexpr size_t kMaxPoints = 64;

}  // namespace

void CostCurve::Observe(int64_t rows, absl::Duration wall, absl::Duration cpu, absl::Time now) {
  const auto found = points_.find(rows);
  if (found == points_.end()) {
    if (points_.size() < kMaxPoints) {
      points_[rows] = {cpu, wall, now};
    }
    return;
  }
  Point& point = found->second;
  point.recent = (1 - kNewest) * Now(point, now) + kNewest * wall;
  point.least = std::min(point.least, cpu);
  point.observed = now;
}

absl::Duration CostCurve::Now(const Point& point, absl::Time now) {
  const double age = std::max(0.0, absl::FDivDuration(now - point.observed, kFading));
  return point.least + std::exp(-age) * (point.recent - point.least);
}

template <typename Value>
absl::Duration CostCurve::Interpolate(int64_t rows, const Value& value) const {
  if (points_.empty()) {
    return absl::ZeroDuration();
  }
  const auto above = points_.lower_bound(rows);
  if (above == points_.end()) {
    const auto& [largest, point] = *points_.rbegin();
    return value(point) * (static_cast<double>(rows) / static_cast<double>(largest));
  }
  if (above->first == rows || above == points_.begin()) {
    return value(above->second);
  }
  const auto below = std::prev(above);
  const double part =
      static_cast<double>(rows - below->first) / static_cast<double>(above->first - below->first);
  return (1 - part) * value(below->second) + part * value(above->second);
}

absl::Duration CostCurve::Predict(int64_t rows, absl::Time now) const {
  return Interpolate(rows, [&](const Point& point) { return Now(point, now); });
}

absl::Duration CostCurve::Least(int64_t rows) const {
  return Interpolate(rows, [](const Point& point) { return point.least; });
}

absl::Duration CostCurve::PerRow(int64_t rows, const Point& point) {
  return (point.least + kDispatch) / static_cast<double>(rows);
}

bool CostCurve::StillImproving(int64_t limit) const {
  if (points_.empty() || points_.rbegin()->first >= limit) {
    return false;
  }
  const auto last = std::prev(points_.end());
  if (last == points_.begin()) {
    return true;
  }
  const auto before = std::prev(last);
  return kAsGood * PerRow(last->first, last->second) < PerRow(before->first, before->second);
}

int64_t CostCurve::BestRows(int64_t limit) const {
  absl::Duration best = absl::InfiniteDuration();
  for (const auto& [rows, point] : points_) {
    best = rows <= limit ? std::min(best, PerRow(rows, point)) : best;
  }
  int64_t chosen = 1;
  for (const auto& [rows, point] : points_) {
    if (rows <= limit && PerRow(rows, point) <= kAsGood * best) {
      chosen = rows;
    }
  }
  return chosen;
}

}  // namespace dnnd::server
