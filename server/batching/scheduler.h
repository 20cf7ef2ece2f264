// Forms batches from what waits, at the moment a lane frees.
//
// Invariants:
//  1. A request alone on an idle server starts at once. Nothing waits while a lane is free that
//  could run it, but for the moment that FormBatch holds a few rows for company.
//  2. Work that expired or was cancelled never reaches the engine.
//  3. What was admitted is answered exactly once.
//  4. No callback and no engine work runs under the lock. Locks are taken in the order lanes,
//  scheduler, model.
#ifndef DNND_SERVER_BATCHING_SCHEDULER_H_
#define DNND_SERVER_BATCHING_SCHEDULER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "server/batching/batch_engine.h"
#include "server/batching/form_batch.h"
#include "server/batching/model_queue.h"
#include "server/batching/pending_request.h"
#include "server/batching/timer.h"
#include "server/repository/served_model.h"
#include "server/telemetry/logger.h"
#include "server/telemetry/metrics.h"

namespace dnnd::server {

// Why a request is not admitted.
struct Refusal {
  RefusalReason reason = RefusalReason::kWait;
  absl::Duration retry_after;  // when load is the reason: how long until it is expected to be less
};

// Thread-safe.
class Scheduler {
 public:
  // A place in the queue for a request that is being prepared. Given back when it goes unused.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept { *this = std::move(other); }
    Reservation& operator=(Reservation&& other) noexcept;
    ~Reservation();

   private:
    friend class Scheduler;
    Scheduler* scheduler_ = nullptr;
    ModelHandle model_;
    int64_t rows_ = 0;
    absl::Duration lane_time_;       // of all rows
    absl::Duration earlier_;         // of all rows of earlier parts of the request
    absl::Duration predicted_wait_;  // before the correction
    absl::Time made_;
  };

  // All outlive the scheduler.
  Scheduler(BatchEngine& engine, Timer& timer, Metrics& metrics, const Logger& log,
            const engine::Clock& clock);
  // Waits for the batches that run, and answers what still waits with CANCELLED. REQUIRES: nobody
  // asks for a batch or submits any more.
  ~Scheduler();

  // Admits `rows` rows, or refuses them at once: before anything is decoded for them. `row` is the
  // shape of one row, empty for the usual one of the model; `earlier` are the reservations of other
  // parts of the same request, which come before these rows.
  //  DEADLINE_EXCEEDED   even an idle server would miss the deadline
  //  RESOURCE_EXHAUSTED  too many items wait, or the wait that is predicted misses the deadline
  //  INVALID_ARGUMENT    more rows than may ever wait
  // Errors are counted, and explained in `refusal` (may be null).
  absl::StatusOr<Reservation> Reserve(const ModelHandle& model, int64_t rows,
                                      absl::Span<const engine::Shape> row, absl::Time deadline,
                                      Refusal* refusal, absl::Span<const Reservation> earlier = {});

  // Queues a request. It waits at most until its deadline, or for the model's default one if that
  // is sooner. Returns its name for Cancel. The stages queue, batch and compute are observed here.
  uint64_t Submit(Reservation reservation, BatchRequest request);

  // Answers the request with CANCELLED, now or when its rows that run are through. Nothing happens
  // when it was answered already.
  void Cancel(uint64_t id);

  // Of lanes: the next batch for one of those that are free, or null. Does not block.
  std::unique_ptr<Batch> NextBatch(const FreeLanes& lanes);
  // Of the lane that got `batch`: gathers, runs, hands out and answers. When the run fails, each
  // row is tried by itself once, so that one row cannot spoil its neighbours.
  void Run(Batch& batch, const BindRun& bind);

  int64_t waiting_rows() const;

 private:
  using Answers = std::vector<std::shared_ptr<PendingRequest>>;
  struct Active {
    ModelQueue* queue;
    std::shared_ptr<ShapeGroup> group;
  };
  // What is known of a request that was not answered yet.
  struct Place {
    std::shared_ptr<PendingRequest> request;
    Active active;
    std::pair<absl::Time, uint64_t> key;  // in the group's queue
    absl::Duration row_time;              // lane time of one row
    absl::Duration predicted_wait;
    absl::Time reserved;
  };
  // What running some rows costs, and where.
  struct LaneCost {
    const CostCurve* curve;    // of the kind of lane that is cheaper
    absl::Duration lane_time;  // of all lanes together
  };
  struct Times {
    absl::Duration batch;
    absl::Duration compute;
    absl::Duration cpu;  // of the run, on the calling thread
  };

  // scheduler_admit.cc. Called under the lock.
  LaneCost CheapestLane(const ModelQueue& queue, const ShapeGroup& group, int64_t rows,
                        absl::Time now) const;
  absl::Duration LeastTime(const ModelQueue& queue, const ShapeGroup& group, int64_t rows) const;
  absl::Duration OwnTime(const ModelQueue& queue, const ShapeGroup& group, int64_t rows,
                         absl::Duration least, absl::Time now) const;
  absl::Duration Backlog(absl::Time now) const;
  absl::Duration BacklogBefore(absl::Time deadline, absl::Time now) const;
  absl::Time LatestDeadline() const;
  absl::Status CheckWait(const Reservation& reservation, absl::Duration own, absl::Time deadline,
                         absl::Duration* wait, Refusal* refusal) const;
  absl::Status Admit(Reservation& reservation, const ShapeGroup& group, absl::Time deadline,
                     Refusal* refusal);
  // Without the lock.
  void GiveBack(Reservation& reservation);

  // scheduler.cc. Called under the lock.
  void Drop(Place place, const absl::Status& why, DropReason reason, Answers* answers);
  void RemoveWaiting(const Place& place);
  void ShowQueue(const PendingRequest& request, const ModelQueue& queue);
  void LearnWait(const Place& place, absl::Time now);
  // Without the lock.
  void OnTimer();
  static void Answer(const Answers& answers);

  // scheduler_run.cc. Called under the lock.
  std::vector<Active> ByDeadline(absl::Time now) const;
  std::unique_ptr<Batch> TakeRows(const Active& active, const Formed& formed, absl::Time now);
  void Wish(const Active& active, const PlanWish& wish);
  void RequestPlan(const ModelHandle& model, const std::shared_ptr<ShapeGroup>& group,
                   const PlanWish& wish);
  void ShowLanes();
  // Without the lock.
  void PlanReady(const ModelHandle& model, const std::shared_ptr<ShapeGroup>& group,
                 const PlanWish& wish, const absl::Status& status);
  absl::Status RunSlices(const std::vector<Batch::Slice>& slices, int64_t rows, const Batch& batch,
                         const BindRun& bind, Times* times);
  void RunSingly(const Batch& batch, const BindRun& bind);
  void ShowFailure(const Batch& batch, const absl::Status& why);
  void Finish(const Batch& batch, const std::optional<Times>& took);

  BatchEngine& engine_;
  Timer& timer_;
  Metrics& metrics_;
  const Logger& log_;
  const engine::Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;  // nothing runs
  // All guarded by mutex_.
  uint64_t next_id_ = 1;
  std::vector<Active> active_;        // groups in which something waits
  std::map<uint64_t, Place> places_;  // requests that wait or run
  std::list<const Batch*> running_;
  absl::Duration backlog_;  // lane time of what is reserved or waits
  absl::Time failure_shown_ = absl::InfinitePast();
  double correction_ = 1.0;  // of predicted waits, learned from those that came true
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_SCHEDULER_H_
