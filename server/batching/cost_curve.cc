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

absl::Duration PerRow(int64_t rows, absl::Duration least) {
  return (least + kDispatch) / static_cast<double>(rows);
}

}  // namespace

void CostCurve::Observe(int64_t rows, absl::Duration wall, absl::Duration cpu, absl::Time now) {
  const auto found = points_.find(rows);
  if (found != points_.end()) {
    found->second = std::min(found->second, cpu);
  } else if (points_.size() < kMaxPoints) {
    points_[rows] = cpu;
  }
  const absl::Duration least = Least(rows);
  if (least > absl::ZeroDuration()) {
    const double slowdown = std::max(1.0, absl::FDivDuration(wall, least));
    const double newest = observed_ == absl::InfinitePast() ? 1 : kNewest;
    slowdown_ = (1 - newest) * SlowdownNow(now) + newest * slowdown;
    observed_ = now;
  }
}

double CostCurve::SlowdownNow(absl::Time now) const {
  const double age = std::max(0.0, absl::FDivDuration(now - observed_, kFading));
  return 1 + std::exp(-age) * (slowdown_ - 1);
}

absl::Duration CostCurve::Predict(int64_t rows, absl::Time now) const {
  return SlowdownNow(now) * Least(rows);
}

absl::Duration CostCurve::Least(int64_t rows) const {
  if (points_.empty()) {
    return absl::ZeroDuration();
  }
  const auto above = points_.lower_bound(rows);
  if (above == points_.end()) {
    const auto& [largest, least] = *points_.rbegin();
    return least * (static_cast<double>(rows) / static_cast<double>(largest));
  }
  if (above->first == rows || above == points_.begin()) {
    return above->second;
  }
  const auto below = std::prev(above);
  const double part =
      static_cast<double>(rows - below->first) / static_cast<double>(above->first - below->first);
  return (1 - part) * below->second + part * above->second;
}

bool CostCurve::StillImproving(int64_t limit) const {
  if (points_.empty() || largest() >= limit || Least(2 * largest()) > kLongestBatch) {
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
  const auto allowed = [&](int64_t rows, absl::Duration least) {
    return rows <= limit && least <= kLongestBatch;
  };
  absl::Duration best = absl::InfiniteDuration();
  for (const auto& [rows, least] : points_) {
    best = allowed(rows, least) ? std::min(best, PerRow(rows, least)) : best;
  }
  int64_t chosen = 1;
  for (const auto& [rows, least] : points_) {
    if (allowed(rows, least) && PerRow(rows, least) <= kAsGood * best) {
      chosen = rows;
    }
  }
  return chosen;
}

}  // namespace dnnd::server
