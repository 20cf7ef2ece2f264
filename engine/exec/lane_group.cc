#include "engine/exec/lane_group.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "engine/base/status.h"
#include "engine/exec/openmp.h"

namespace dnnd::engine {
absl::StatusOr<std::unique_ptr<LaneGroup>> LaneGroup::Create(Options options) {
  const std::vector<int>& cpus = options.budget.cpus;
  const int all = static_cast<int>(cpus.size());
  const int narrow = options.narrow_lanes > 0 ? std::min(options.narrow_lanes, all) : all;
  const int wide = options.wide_width > 0 ? std::min(options.wide_width, all) : all;
  auto group = absl::WrapUnique(new LaneGroup());
  std::shared_ptr<LaneArenas> first;
  for (int i = 0; i < narrow; ++i) {
    DNND_ASSIGN_OR_RETURN(std::shared_ptr<LaneArenas> arenas,
                          LaneArenas::Reserve(options.arena_capacity));
    first = first == nullptr ? arenas : first;
    group->narrow_.push_back(
        std::make_unique<Worker>(1, std::move(arenas), std::vector<int>{cpus[i]}, false));
  }
  group->wide_ = std::make_unique<Worker>(
      wide, std::move(first), std::vector<int>(cpus.begin(), cpus.begin() + wide), true);
  for (Worker* worker : group->Workers()) {
    worker->thread = std::thread([group = group.get(), worker] { group->Loop(*worker); });
  }
  return group;
}

LaneGroup::~LaneGroup() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    background_.clear();
    for (Worker* worker : Workers()) {
      worker->wake.notify_one();
    }
  }
  for (Worker* worker : Workers()) {
    worker->thread.join();
  }
}

std::vector<LaneGroup::Worker*> LaneGroup::Workers() const {
  std::vector<Worker*> workers = {wide_.get()};
  for (const auto& worker : narrow_) {
    workers.push_back(worker.get());
  }
  return workers;
}

void LaneGroup::SetSource(JobSource* source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = source;
  Dispatch();
}

void LaneGroup::Wake() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Dispatch();
}

void LaneGroup::SubmitBackground(std::unique_ptr<LaneJob> job, bool wide) {
  const std::lock_guard<std::mutex> lock(mutex_);
  background_.push_back({std::move(job), wide});
  Dispatch();
}

void LaneGroup::Trim() {
  const std::vector<Worker*> workers = Workers();
  std::unique_lock<std::mutex> lock(mutex_);
  for (Worker* worker : workers) {
    worker->trim = true;
    worker->wake.notify_one();
  }
  trimmed_.wait(lock, [&] {
    return std::none_of(workers.begin(), workers.end(),
                        [](Worker* worker) { return worker->trim; });
  });
}

int LaneGroup::busy_lanes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (wide_->job != nullptr) {
    return narrow_lanes();
  }
  return static_cast<int>(std::count_if(narrow_.begin(), narrow_.end(),
                                        [](const auto& worker) { return worker->job != nullptr; }));
}

LaneOffer LaneGroup::OfferNow() const {
  LaneOffer offer;
  offer.narrow_lanes = narrow_lanes();
  offer.wide_width = wide_->lane.width();
  if (wide_->job != nullptr) {
    return offer;
  }
  for (const auto& worker : narrow_) {
    offer.free_narrow += worker->job == nullptr ? 1 : 0;
  }
  offer.wide_free = offer.free_narrow == offer.narrow_lanes;
  return offer;
}

LaneGroup::Worker* LaneGroup::FreeNarrow() {
  for (const auto& worker : narrow_) {
    if (worker->job == nullptr) {
      return worker.get();
    }
  }
  return nullptr;
}

void LaneGroup::Start(Worker& worker, std::unique_ptr<LaneJob> job) {
  worker.job = std::move(job);
  worker.wake.notify_one();
}

bool LaneGroup::AssignServing() {
  const LaneOffer offer = OfferNow();
  if (source_ == nullptr || offer.free_narrow == 0) {
    return false;
  }
  std::optional<LaneAssignment> assignment = source_->NextJob(offer);
  if (!assignment.has_value()) {
    return false;
  }
  Start(assignment->wide ? *wide_ : *FreeNarrow(), std::move(assignment->job));
  return true;
}

bool LaneGroup::AssignBackground() {
  if (background_.empty()) {
    return false;
  }
  const LaneOffer offer = OfferNow();
  const bool wide = background_.front().wide;
  if (wide ? !offer.wide_free : offer.free_narrow == 0) {
    return false;
  }
  Start(wide ? *wide_ : *FreeNarrow(), std::move(background_.front().job));
  background_.pop_front();
  return true;
}

void LaneGroup::Dispatch() {
  while (AssignServing()) {
  }
  while (AssignBackground()) {
  }
}

// Serving work that waits runs here and now, on the thread of the background job that called its
// gate.
void LaneGroup::RunGate(Worker& worker) {
  while (true) {
    std::optional<LaneAssignment> assignment;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (source_ == nullptr) {
        return;
      }
      LaneOffer offer;
      offer.narrow_lanes = narrow_lanes();
      offer.wide_width = wide_->lane.width();
      offer.free_narrow = worker.wide ? 0 : 1;
      offer.wide_free = worker.wide;
      assignment = source_->NextJob(offer);
    }
    if (!assignment.has_value()) {
      return;
    }
    const Gate none = [] {};
    while (assignment->job->Step(worker.lane, none) == LaneJob::Progress::kAgain) {
    }
  }
}

void LaneGroup::Loop(Worker& worker) {
  PinCurrentThread(worker.cpus);
  PrepareComputeThread(worker.lane.width());
  const Gate gate = [&] { RunGate(worker); };
  const Gate none = [] {};
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    worker.wake.wait(lock, [&] { return worker.job != nullptr || worker.trim || stopping_; });
    if (worker.trim) {
      lock.unlock();
      worker.lane.Trim();
      lock.lock();
      worker.trim = false;
      trimmed_.notify_all();
      continue;
    }
    if (worker.job == nullptr) {
      break;  // stopping, and nothing left to finish
    }
    LaneJob* const job = worker.job.get();
    const bool background = job->priority() == JobPriority::kBackground;
    lock.unlock();
    const LaneJob::Progress progress = job->Step(worker.lane, background ? gate : none);
    std::unique_ptr<LaneJob> finished;
    lock.lock();
    finished = std::move(worker.job);
    if (progress == LaneJob::Progress::kAgain && !stopping_) {
      background_.push_back({std::move(finished), worker.wide});
    }
    Dispatch();
    if (finished != nullptr) {
      lock.unlock();
      finished.reset();  // a job's destructor may do real work: not under the lock
      lock.lock();
    }
  }
}

}  // namespace dnnd::engine
