// Work of a test on a lane.
#ifndef DNND_TESTS_TESTING_RUN_ON_LANE_H_
#define DNND_TESTS_TESTING_RUN_ON_LANE_H_

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "engine/exec/lane_group.h"

namespace dnnd::engine {

// Runs `body` on a lane as background work and waits for it. Not to be called on a lane.
inline void RunOnLane(LaneGroup& lanes, bool wide, const std::function<void(Lane&)>& body) {
  class FunctionJob final : public LaneJob {
   public:
    explicit FunctionJob(const std::function<void(Lane&)>& body) : body_(body) {}
    JobPriority priority() const override { return JobPriority::kBackground; }
    Progress Step(Lane& lane, const Gate& gate) override {
      body_(lane);
      done_.set_value();
      return Progress::kDone;
    }
    std::future<void> done() { return done_.get_future(); }

   private:
    const std::function<void(Lane&)>& body_;
    std::promise<void> done_;
  };
  auto job = std::make_unique<FunctionJob>(body);
  const std::future<void> done = job->done();
  lanes.SubmitBackground(std::move(job), wide);
  done.wait();
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_RUN_ON_LANE_H_
