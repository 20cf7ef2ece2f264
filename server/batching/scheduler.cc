// The queue. Admission is in scheduler_admit.cc, what lanes do in scheduler_run.cc.
#include "server/batching/scheduler.h"

#include <algorithm>
#include <utility>

namespace dnnd::server {
namespace {

// Predictions below this teach nothing: they are mostly the time of decoding.
constexpr absl::Duration kTeaches = absl::Milliseconds(20);
// Learned fast upwards and slowly downwards: not the usual factor but one that is seldom exceeded.
constexpr double kLearnMore = 0.1;
constexpr double kLearnLess = 0.01;
constexpr double kLeastCorrection = 0.8;
constexpr double kMostCorrection = 4.0;

}  // namespace

Scheduler::Scheduler(BatchEngine& engine, Timer& timer, Metrics& metrics, const Logger& log,
                     const engine::Clock& clock)
    : engine_(engine), timer_(timer), metrics_(metrics), log_(log), clock_(clock) {
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
    // Dispatch takes away row by row: what was reserved must be a whole number of them.
    backlog_ += place.row_time * rows - reservation.lane_time_;
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
  engine_.Wake();  // for what was held
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
