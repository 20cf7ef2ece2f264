// All lanes of the process and the arbiter that decides which of them run: one wide lane of every
// CPU, and a narrow lane for each CPU. They share the CPUs, so either the wide lane computes or
// narrow ones do, never both.
//
// Invariants:
//  1. The threads that compute never exceed the CPUs of the budget.
//  2. Serving jobs come from one JobSource, which is asked when a lane is free: a batch is formed
//  at the last moment.
//  3. A background job gets a narrow lane only when the source has nothing, and is interrupted
//  between two kernels when the source has something again.
#ifndef DNND_ENGINE_EXEC_LANE_GROUP_H_
#define DNND_ENGINE_EXEC_LANE_GROUP_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/cpu_budget.h"
#include "engine/exec/lane.h"

namespace dnnd::engine {

enum class JobPriority : uint8_t {
  kServing,     // runs to its end
  kBackground,  // resumable: gives way between steps, and inside a step wherever it calls its gate
};

// Work for a lane. Step is called on the lane's thread until it returns kDone; a job that failed
// has told its own callers.
class LaneJob {
 public:
  enum class Progress : uint8_t { kDone, kAgain };
  virtual ~LaneJob() = default;
  virtual JobPriority priority() const = 0;
  // `gate`: see PlanInstance::Run; does nothing for a serving job. A background job that calls it
  // must keep its data in lane.background_memory().
  virtual Progress Step(Lane& lane, const Gate& gate) = 0;
};

// The lanes that are free when the source is asked.
struct LaneOffer {
  int free_narrow = 0;     // narrow lanes that may run now
  int narrow_lanes = 0;    // all of them
  bool wide_free = false;  // nothing computes: the wide lane may run
  int wide_width = 1;
};

struct LaneAssignment {
  std::unique_ptr<LaneJob> job;
  bool wide = false;  // REQUIRES: offer.wide_free
};

// Where serving jobs come from. Called from lane threads and from callers of Wake, with the group's
// lock held: it must not block and must not call the group.
class JobSource {
 public:
  virtual ~JobSource() = default;
  // Nothing when there is no work, or none that is worth one of the offered lanes now.
  virtual std::optional<LaneAssignment> NextJob(const LaneOffer& offer) = 0;
};

// Thread-safe.
class LaneGroup {
 public:
  struct Options {
    CpuBudget budget;
    // Address space that each arena may grow to; 0: the physical memory.
    int64_t arena_capacity = 0;
    // Fewer narrow lanes than CPUs; 0: one a CPU.
    int narrow_lanes = 0;
    // Threads of the wide lane; 0: every CPU. 1 with one narrow lane gives a single lane.
    int wide_width = 0;
  };

  static absl::StatusOr<std::unique_ptr<LaneGroup>> Create(Options options);
  // Finishes the jobs that run; background jobs that wait are dropped. REQUIRES: the source is
  // unset, or has nothing more.
  ~LaneGroup();

  // `source` outlives the group, or is unset (null) before it goes. Unsetting waits for a call in
  // progress.
  void SetSource(JobSource* source);

  // The source has new work.
  void Wake();

  // Queues a background job, for a narrow lane, or for the wide one where `wide`.
  void SubmitBackground(std::unique_ptr<LaneJob> job, bool wide);

  // Frees the instances of retired plans on every lane, and with them the weights that they hold.
  // Waits for the jobs that run; not to be called on a lane.
  void Trim();

  int narrow_lanes() const { return static_cast<int>(narrow_.size()); }
  int wide_width() const { return wide_->lane.width(); }
  // Lanes that compute now: 0 to narrow_lanes(); the wide lane counts as all of them.
  int busy_lanes() const;

 private:
  struct Worker {
    Worker(int width, std::shared_ptr<LaneArenas> arenas, std::vector<int> pinned_to, bool is_wide)
        : lane(width, std::move(arenas)), cpus(std::move(pinned_to)), wide(is_wide) {}
    Lane lane;
    const std::vector<int> cpus;
    const bool wide;
    std::unique_ptr<LaneJob> job;  // what it runs, or is about to; guarded by mutex_
    bool trim = false;             // guarded by mutex_
    // Of this worker alone, so that a batch wakes one thread: it has a job, is to trim, or to stop.
    std::condition_variable wake;
    std::thread thread;
  };
  struct BackgroundJob {
    std::unique_ptr<LaneJob> job;
    bool wide;
  };

  LaneGroup() = default;
  std::vector<Worker*> Workers() const;
  void Loop(Worker& worker);
  void RunGate(Worker& worker);
  // Called under the lock.
  void Dispatch();
  bool AssignServing();
  bool AssignBackground();
  LaneOffer OfferNow() const;
  Worker* FreeNarrow();
  static void Start(Worker& worker, std::unique_ptr<LaneJob> job);

  // Constant after Create.
  std::unique_ptr<Worker> wide_;
  std::vector<std::unique_ptr<Worker>> narrow_;

  mutable std::mutex mutex_;
  std::condition_variable trimmed_;  // a worker has
  // All guarded by mutex_.
  JobSource* source_ = nullptr;
  std::deque<BackgroundJob> background_;
  bool stopping_ = false;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_LANE_GROUP_H_
