// Admission and the queue; what lanes do is in scheduler_run.cc.
#include "server/batching/scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

// Predicted waits are taken this much longer: what is admitted should keep its deadline.
constexpr double kMargin = 1.1;
// Predictions below this teach nothing: they are mostly the time of decoding.
constexpr absl::Duration kTeaches = absl::Milliseconds(20);
// Learned fast upwards and slowly downwards: not the usual factor but one that is seldom exceeded.
constexpr double kLearnMore = 0.1;
constexpr double kLearnLess = 0.01;
constexpr double kLeastCorrection = 0.8;
constexpr double kMostCorrection = 4.0;
// A hint to come back sooner would only bring the same answer.
constexpr absl::Duration kLeastRetry = absl::Milliseconds(1);

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(duration));
}

double CeilDivide(int64_t a, int64_t b) { return static_cast<double>((a + b - 1) / b); }

}  // namespace

Scheduler::Reservation& Scheduler::Reservation::operator=(Reservation&& other) noexcept {
  std::swap(scheduler_, other.scheduler_);
  std::swap(model_, other.model_);
  std::swap(rows_, other.rows_);
  std::swap(lane_time_, other.lane_time_);
  std::swap(predicted_wait_, other.predicted_wait_);
  std::swap(made_, other.made_);
  return *this;
}

Scheduler::Reservation::~Reservation() {
  if (scheduler_ != nullptr) {
    scheduler_->GiveBack(*this);
  }
}

Scheduler::Scheduler(BatchEngine& engine, Timer& timer, Metrics& metrics,
                     const engine::Clock& clock)
    : engine_(engine), timer_(timer), metrics_(metrics), clock_(clock) {
  timer_.SetCallback([this] { OnTimer(); });
}

Scheduler::~Scheduler() {
  timer_.SetCallback(nullptr);
  Answers answers;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [&] { return running_.empty(); });
    while (!places_.empty()) {
      Drop(places_.begin()->second, absl::CancelledError("the server is going down"),
           DropReason::kCancelled, &answers);
    }
  }
  Answer(answers);
}

// Of the cheaper kind of lane; the wide one takes all of them.
absl::Duration Scheduler::LaneTime(const ModelQueue& queue, const ShapeGroup& group, int64_t rows,
                                   absl::Time now) const {
  const auto of = [&](const CostCurve& curve, int lanes) {
    const int64_t best = curve.BestRows(queue.options.max_batch_rows);
    return curve.Predict(best, now) *
           (static_cast<double>(lanes) * static_cast<double>(rows) / static_cast<double>(best));
  };
  if (group.narrow.empty() || group.wide.empty()) {
    return group.wide.empty() ? of(group.narrow, 1) : of(group.wide, engine_.narrow_lanes());
  }
  return std::min(of(group.narrow, 1), of(group.wide, engine_.narrow_lanes()));
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
    return now + kMargin * correction_ * backlog + own;
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
  const absl::Duration own = LeastTime(queue, group, rows);
  if (deadline <= now || now + own > deadline) {
    *refusal = {RefusalReason::kDeadline, absl::ZeroDuration()};
    return absl::DeadlineExceededError(
        absl::StrCat("model \"", reservation.model_->name, "\": got a deadline in ",
                     Milliseconds(std::max(absl::ZeroDuration(), deadline - now)),
                     ", want more than the ", Milliseconds(own), " that an idle server needs"));
  }
  if (rows > queue.options.max_queue_rows) {
    *refusal = {RefusalReason::kQueueItems, absl::ZeroDuration()};
    return absl::InvalidArgumentError(absl::StrCat("got ", rows, " items in one request, want ",
                                                   queue.options.max_queue_rows, " or less"));
  }
  const int64_t waiting = queue.waiting_rows + queue.reserved_rows;
  if (waiting + rows > queue.options.max_queue_rows) {
    *refusal = {RefusalReason::kQueueItems,
                std::max(kLeastRetry, LaneTime(queue, group, rows, now))};
    return absl::ResourceExhaustedError(absl::StrCat(
        "model \"", reservation.model_->name, "\" has a full queue: got ", rows, " items, want ",
        queue.options.max_queue_rows - waiting, " or less while ", waiting, " wait"));
  }
  return CheckWait(reservation, own, deadline, &reservation.predicted_wait_, refusal);
}

absl::StatusOr<Scheduler::Reservation> Scheduler::Reserve(const ModelHandle& model, int64_t rows,
                                                          absl::Span<const engine::Shape> row,
                                                          absl::Time deadline, Refusal* refusal) {
  Reservation reservation;
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
      reservation.lane_time_ = LaneTime(queue, group, rows, reservation.made_);
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

uint64_t Scheduler::Submit(Reservation reservation, BatchRequest request) {
  ModelQueue& queue = QueueOf(*request.model);
  absl::Time deadline;
  uint64_t id = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = clock_.Now();
    deadline = std::min(request.deadline, now + queue.options.default_deadline);
    id = next_id_++;
    ShapeGroup& group = queue.GroupOf(request.shape.row);
    const auto shared = *std::find_if(queue.groups.begin(), queue.groups.end(),
                                      [&](const auto& g) { return g.get() == &group; });
    const int64_t rows = request.shape.rows;
    const auto pending = std::make_shared<PendingRequest>(id, std::move(request), now);
    Place place{pending,
                {&queue, shared},
                {deadline, id},
                reservation.lane_time_ / std::max<int64_t>(rows, 1),
                reservation.predicted_wait_,
                reservation.made_};
    if (group.waiting.empty()) {
      active_.push_back(place.active);
    }
    group.waiting.emplace(place.key, pending);
    group.rows += rows;
    queue.waiting_rows += rows;
    queue.reserved_rows -= reservation.rows_;
    ShowQueue(*pending, queue);
    places_.emplace(id, std::move(place));
    reservation.scheduler_ = nullptr;  // its lane time is the request's now
  }
  timer_.Set(deadline);
  engine_.Wake();
  return id;
}

void Scheduler::ShowQueue(const PendingRequest& request, const ModelQueue& queue) {
  request.request.model->metrics->SetQueueItems(queue.waiting_rows);
}

// Takes what still waits of the request out of the queue.
void Scheduler::RemoveWaiting(const Place& place) {
  ShapeGroup& group = *place.active.group;
  const int64_t rows = place.request->rows_left();
  if (group.waiting.erase(place.key) == 0) {
    return;
  }
  group.rows -= rows;
  place.active.queue->waiting_rows -= rows;
  backlog_ -= place.row_time * rows;
  ShowQueue(*place.request, *place.active.queue);
  if (group.waiting.empty()) {
    active_.erase(std::find_if(active_.begin(), active_.end(),
                               [&](const Active& a) { return a.group == place.active.group; }));
  }
}

void Scheduler::Drop(Place place, const absl::Status& why, DropReason reason, Answers* answers) {
  RemoveWaiting(place);
  PendingRequest& request = *place.request;
  request.dropped.Update(why);
  request.request.model->metrics->CountDrop(reason);
  if (request.in_flight == 0) {
    places_.erase(request.id);
    answers->push_back(place.request);
  }
}

void Scheduler::Cancel(uint64_t id) {
  Answers answers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto place = places_.find(id);
    if (place != places_.end() && place->second.request->rows_left() > 0) {
      Drop(place->second, absl::CancelledError("the request was cancelled while it waited"),
           DropReason::kCancelled, &answers);
    }
  }
  Answer(answers);
}

void Scheduler::OnTimer() {
  Answers answers;
  absl::Time next = absl::InfiniteFuture();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = clock_.Now();
    std::vector<Place> expired;
    for (const Active& active : active_) {
      for (const auto& [key, request] : active.group->waiting) {
        if (key.first > now) {
          next = std::min(next, key.first);
          break;
        }
        expired.push_back(places_.at(key.second));
      }
    }
    for (Place& place : expired) {
      LearnWait(place, now);
      Drop(std::move(place),
           absl::DeadlineExceededError("the deadline passed while the request waited"),
           DropReason::kExpired, &answers);
    }
  }
  Answer(answers);
  timer_.Set(next);
}

// How long requests really wait, as a factor of what the curves predict: decoding, other processes
// and the network take their share of the CPUs too.
void Scheduler::LearnWait(const Place& place, absl::Time now) {
  if (place.predicted_wait < kTeaches) {
    return;
  }
  const double factor = absl::FDivDuration(now - place.reserved, place.predicted_wait);
  correction_ += (factor > correction_ ? kLearnMore : kLearnLess) * (factor - correction_);
  correction_ = std::min(std::max(correction_, kLeastCorrection), kMostCorrection);
}

void Scheduler::Answer(const Answers& answers) {
  for (const std::shared_ptr<PendingRequest>& request : answers) {
    request->Answer();
  }
}

int64_t Scheduler::waiting_rows() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t rows = 0;
  for (const Active& active : active_) {
    rows += active.group->rows;
  }
  return rows;
}

}  // namespace dnnd::server
