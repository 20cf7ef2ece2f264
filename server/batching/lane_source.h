// The scheduler's engine: lanes ask it for batches, plans are made on a thread beside them.
#ifndef DNND_SERVER_BATCHING_LANE_SOURCE_H_
#define DNND_SERVER_BATCHING_LANE_SOURCE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "server/batching/batch_engine.h"
#include "server/batching/scheduler.h"

namespace dnnd::server {

// Thread-safe. Between a lane group and a scheduler; owns the thread that makes plans.
// Order of life: lanes, LaneSource, Scheduler, Start … Stop, ~Scheduler, ~LaneSource, lanes.
class LaneSource final : public BatchEngine, public engine::JobSource {
 public:
  // `lanes` outlives it.
  explicit LaneSource(engine::LaneGroup& lanes);
  ~LaneSource() override;

  // From here on lanes ask `scheduler`.
  void Start(Scheduler& scheduler);
  // Lanes ask no more, no plan is made any more. What runs is finished by ~Scheduler.
  void Stop();

  int narrow_lanes() const override { return lanes_.narrow_lanes(); }
  bool HasPlan(const ServedModel& model, absl::Span<const engine::Shape> row, int64_t rows,
               LaneKind kind) override;
  void RequestPlan(const ModelHandle& model, const std::vector<engine::Shape>& row, int64_t rows,
                   LaneKind kind, std::function<void(const absl::Status&)> ready) override;
  void Wake() override { lanes_.Wake(); }

  std::optional<engine::LaneAssignment> NextJob(const engine::LaneOffer& offer) override;

 private:
  void MakePlans();

  engine::LaneGroup& lanes_;
  Scheduler* scheduler_ = nullptr;  // set by Start, before any lane asks

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> plans_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::thread planner_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_LANE_SOURCE_H_
