// Admission: whether a request can be answered in time, judged before anything is done for it.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/batching/scheduler.h"

namespace dnnd::server {
namespace {

// Predicted waits are taken this much longer: what is admitted should keep its deadline, and the
// CPUs are shared with decoding, the wire and other processes.
constexpr double kMargin = 1.3;
// A hint to come back sooner would only bring the same answer.
constexpr absl::Duration kLeastRetry = absl::Milliseconds(1);

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(duration));
}

double CeilDivide(int64_t a, int64_t b) {
  const int64_t quotient = (a + b - 1) / b;
  return static_cast<double>(quotient);
}

}  // namespace

Scheduler::Reservation& Scheduler::Reservation::operator=(Reservation&& other) noexcept {
  std::swap(scheduler_, other.scheduler_);
  std::swap(model_, other.model_);
  std::swap(rows_, other.rows_);
  std::swap(lane_time_, other.lane_time_);
  std::swap(earlier_, other.earlier_);
  std::swap(predicted_wait_, other.predicted_wait_);
  std::swap(made_, other.made_);
  return *this;
}

Scheduler::Reservation::~Reservation() {
  if (scheduler_ != nullptr) {
    scheduler_->GiveBack(*this);
  }
}

// The kind of lane that is cheaper for these rows, and what all lanes spend on them; the wide one
// takes all of them.
Scheduler::LaneCost Scheduler::CheapestLane(const ModelQueue& queue, const ShapeGroup& group,
                                            int64_t rows, absl::Time now) const {
  const auto of = [&](const CostCurve& curve, int lanes) {
    const int64_t best = curve.BestRows(queue.options.max_batch_rows);
    return LaneCost{
        &curve, curve.Predict(best, now) * (static_cast<double>(lanes) * static_cast<double>(rows) /
                                            static_cast<double>(best))};
  };
  const LaneCost narrow = of(group.narrow, 1);
  const LaneCost wide = of(group.wide, engine_.narrow_lanes());
  if (group.narrow.empty() || group.wide.empty()) {
    return group.wide.empty() ? narrow : wide;
  }
  return narrow.lane_time <= wide.lane_time ? narrow : wide;
}

// What an idle machine needs for these rows.
absl::Duration Scheduler::LeastTime(const ModelQueue& queue, const ShapeGroup& group,
                                    int64_t rows) const {
  const auto of = [&](const CostCurve& curve, int lanes) {
    const int64_t best = curve.BestRows(queue.options.max_batch_rows);
    const int64_t size = std::min(best, (rows + lanes - 1) / lanes);
    return curve.Least(size) * CeilDivide(rows, size * lanes);
  };
  if (group.narrow.empty() || group.wide.empty()) {
    return group.wide.empty() ? of(group.narrow, engine_.narrow_lanes()) : of(group.wide, 1);
  }
  return std::min(of(group.narrow, engine_.narrow_lanes()), of(group.wide, 1));
}

// What they are expected to need among what waits: the time of the batch that they will be part of.
absl::Duration Scheduler::OwnTime(const ModelQueue& queue, const ShapeGroup& group, int64_t rows,
                                  absl::Duration least, absl::Time now) const {
  const int64_t company = queue.waiting_rows + queue.reserved_rows;
  if (company == 0) {
    return least;
  }
  const CostCurve& curve = *CheapestLane(queue, group, rows, now).curve;
  const int64_t joined = std::min(curve.BestRows(queue.options.max_batch_rows), company + rows);
  return std::max(least, curve.Predict(joined, now));
}

absl::Duration Scheduler::Backlog(absl::Time now) const {
  absl::Duration running;
  for (const Batch* batch : running_) {
    const int lanes = batch->kind == LaneKind::kWide ? engine_.narrow_lanes() : 1;
    running += std::max(absl::ZeroDuration(), batch->expected_end - now) * lanes;
  }
  return (backlog_ + running) / engine_.narrow_lanes();
}

// Without what waits with a later deadline: it will be overtaken.
absl::Duration Scheduler::BacklogBefore(absl::Time deadline, absl::Time now) const {
  absl::Duration later;
  for (const Active& active : active_) {
    const auto& waiting = active.group->waiting;
    for (auto it = waiting.upper_bound({deadline, UINT64_MAX}); it != waiting.end(); ++it) {
      const Place& place = places_.at(it->first.second);
      later += place.row_time * place.request->rows_left();
    }
  }
  return Backlog(now) - later / engine_.narrow_lanes();
}

absl::Time Scheduler::LatestDeadline() const {
  absl::Time latest = absl::InfinitePast();
  for (const Active& active : active_) {
    latest = std::max(latest, active.group->waiting.rbegin()->first.first);
  }
  return latest;
}

absl::Status Scheduler::CheckWait(const Reservation& reservation, absl::Duration own,
                                  absl::Time deadline, absl::Duration* wait,
                                  Refusal* refusal) const {
  const absl::Time now = reservation.made_;
  const auto end_after = [&](absl::Duration backlog) {
    return now + (backlog > absl::ZeroDuration() ? kMargin * (correction_ * backlog + own) : own);
  };
  *wait = Backlog(now);
  absl::Time end = end_after(*wait);
  if (end > deadline && end <= LatestDeadline()) {
    // It may overtake what has time, as long as that keeps its deadline too.
    *wait = BacklogBefore(deadline, now);
    end = end_after(*wait);
  }
  if (end <= deadline) {
    return absl::OkStatus();
  }
  if (Backlog(now) <= reservation.earlier_ / engine_.narrow_lanes()) {
    // Nobody else is there whom coming back later would avoid.
    *refusal = {RefusalReason::kDeadline, absl::ZeroDuration()};
    return absl::DeadlineExceededError(
        absl::StrCat("model \"", reservation.model_->name, "\": got a deadline in ",
                     Milliseconds(deadline - now), ", want more than the ", Milliseconds(end - now),
                     " that an idle server needs up to this part of the request"));
  }
  *refusal = {RefusalReason::kWait, std::max(kLeastRetry, end - deadline)};
  return absl::ResourceExhaustedError(
      absl::StrCat("model \"", reservation.model_->name, "\" is busy: got a deadline in ",
                   Milliseconds(deadline - now), ", want ", Milliseconds(end - now),
                   " or more; try again in ", Milliseconds(refusal->retry_after)));
}

absl::Status Scheduler::Admit(Reservation& reservation, const ShapeGroup& group,
                              absl::Time deadline, Refusal* refusal) {
  const ModelQueue& queue = QueueOf(*reservation.model_);
  const absl::Time now = reservation.made_;
  const int64_t rows = reservation.rows_;
  const absl::Duration least = LeastTime(queue, group, rows);
  if (deadline <= now || now + least > deadline) {
    *refusal = {RefusalReason::kDeadline, absl::ZeroDuration()};
    return absl::DeadlineExceededError(
        absl::StrCat("model \"", reservation.model_->name, "\": got a deadline in ",
                     Milliseconds(std::max(absl::ZeroDuration(), deadline - now)),
                     ", want more than the ", Milliseconds(least), " that an idle server needs"));
  }
  if (rows > queue.options.max_queue_rows) {
    *refusal = {RefusalReason::kQueueItems, absl::ZeroDuration()};
    return absl::InvalidArgumentError(absl::StrCat("got ", rows, " items in one request, want ",
                                                   queue.options.max_queue_rows, " or less"));
  }
  const int64_t waiting = queue.waiting_rows + queue.reserved_rows;
  if (waiting + rows > queue.options.max_queue_rows) {
    *refusal = {RefusalReason::kQueueItems,
                std::max(kLeastRetry, CheapestLane(queue, group, rows, now).lane_time)};
    return absl::ResourceExhaustedError(absl::StrCat(
        "model \"", reservation.model_->name, "\" has a full queue: got ", rows, " items, want ",
        queue.options.max_queue_rows - waiting, " or less while ", waiting, " wait"));
  }
  return CheckWait(reservation, OwnTime(queue, group, rows, least, now), deadline,
                   &reservation.predicted_wait_, refusal);
}

absl::StatusOr<Scheduler::Reservation> Scheduler::Reserve(const ModelHandle& model, int64_t rows,
                                                          absl::Span<const engine::Shape> row,
                                                          absl::Time deadline, Refusal* refusal,
                                                          absl::Span<const Reservation> earlier) {
  Reservation reservation;
  for (const Reservation& part : earlier) {
    reservation.earlier_ += part.lane_time_;
  }
  reservation.model_ = model;
  reservation.rows_ = rows;
  ModelQueue& queue = QueueOf(*model);
  Refusal why;
  absl::Status admitted;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    reservation.made_ = clock_.Now();
    const ShapeGroup& group = row.empty() ? *queue.groups.front() : queue.GroupOf(row);
    admitted = Admit(reservation, group,
                     std::min(deadline, reservation.made_ + queue.options.default_deadline), &why);
    if (admitted.ok()) {
      reservation.lane_time_ = CheapestLane(queue, group, rows, reservation.made_).lane_time;
      backlog_ += reservation.lane_time_;
      queue.reserved_rows += rows;
      reservation.scheduler_ = this;
    }
  }
  if (!admitted.ok()) {
    model->metrics->CountRefusal(why.reason);
    if (refusal != nullptr) {
      *refusal = why;
    }
    return admitted;
  }
  return reservation;
}

void Scheduler::GiveBack(Reservation& reservation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  backlog_ -= reservation.lane_time_;
  QueueOf(*reservation.model_).reserved_rows -= reservation.rows_;
}

}  // namespace dnnd::server
