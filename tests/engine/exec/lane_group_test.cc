// The arbiter of lanes and the rules of oneDNN with OpenMP (pinning, teams, primitives that cross
// threads).
#include "engine/exec/lane_group.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <sched.h>

#include <atomic>
#include <latch>
#include <limits>

#include "engine/exec/model.h"
#include "tests/testing/graphs.h"
#include "tests/testing/run_on_lane.h"
#include "tests/testing/team_width.h"

namespace dnnd::engine {
namespace {

LaneGroup::Options TwoCpus() {
  LaneGroup::Options options;
  options.budget = DetectCpuBudget();
  // A machine with one CPU runs these tests too: both narrow lanes are then pinned to it.
  while (options.budget.cpus.size() < 2) {
    options.budget.cpus.push_back(options.budget.cpus.front());
  }
  options.budget.cpus.resize(2);
  options.arena_capacity = int64_t{64} << 20;
  options.wide_width = kWidestTeam;
  return options;
}

class CallJob final : public LaneJob {
 public:
  explicit CallJob(std::function<void(Lane&)> call) : call_(std::move(call)) {}
  JobPriority priority() const override { return JobPriority::kServing; }
  Progress Step(Lane& lane, const Gate& gate) override {
    call_(lane);
    return Progress::kDone;
  }

 private:
  const std::function<void(Lane&)> call_;
};

// Gives out a number of jobs, wide ones whenever the wide lane is free and `want_wide` says so.
class CountedSource final : public JobSource {
 public:
  CountedSource(int jobs, std::function<bool(int)> want_wide, std::function<void(Lane&)> call)
      : jobs_(jobs), want_wide_(std::move(want_wide)), call_(std::move(call)) {}
  std::optional<LaneAssignment> NextJob(const LaneOffer& offer) override {
    if (jobs_ == 0) {
      return std::nullopt;
    }
    const bool wide = want_wide_(jobs_);
    if (wide && !offer.wide_free) {
      return std::nullopt;
    }
    --jobs_;
    return LaneAssignment{std::make_unique<CallJob>(call_), wide};
  }

 private:
  int jobs_;
  const std::function<bool(int)> want_wide_;
  const std::function<void(Lane&)> call_;
};

TEST(LaneGroupTest, ThreadsThatComputeNeverExceedTheCpus) {
  constexpr int kJobs = 400;
  std::atomic<int> computing = 0;
  std::atomic<int> most = 0;
  std::latch done(kJobs);
  CountedSource source(
      kJobs, [](int job) { return job % 3 == 0; },
      [&](Lane& lane) {
        const int now = computing += lane.width();
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        computing -= lane.width();
        done.count_down();
      });
  auto lanes = LaneGroup::Create(TwoCpus()).value();
  lanes->SetSource(&source);
  done.wait();
  lanes->SetSource(nullptr);
  EXPECT_LE(most, 2);
}

TEST(LaneGroupTest, ALaneIsPinnedAndItsTeamInheritsTheMask) {
  auto options = TwoCpus();
  const std::vector<int> cpus = options.budget.cpus;
  auto lanes = LaneGroup::Create(options).value();
  RunOnLane(*lanes, false, [&](Lane& lane) {
    EXPECT_EQ(omp_get_max_threads(), 1);
    cpu_set_t mask;
    ASSERT_EQ(sched_getaffinity(0, sizeof(mask), &mask), 0);
    EXPECT_EQ(CPU_COUNT(&mask), 1);
  });
  RunOnLane(*lanes, true, [&](Lane& lane) {
    EXPECT_EQ(omp_get_max_threads(), lane.width());
    std::atomic<int> strays = 0;
    std::atomic<int> team = 0;
#pragma omp parallel
    {
      ++team;
      cpu_set_t mask;
      sched_getaffinity(0, sizeof(mask), &mask);
      for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &mask) && std::find(cpus.begin(), cpus.end(), cpu) == cpus.end()) {
          ++strays;
        }
      }
    }
    EXPECT_EQ(team, lane.width());
    EXPECT_EQ(strays, 0);
  });
}

TEST(LaneGroupTest, DenormalNumbersAreFlushedOnEveryThreadOfATeam) {
  auto lanes = LaneGroup::Create(TwoCpus()).value();
  RunOnLane(*lanes, true, [](Lane& lane) {
    std::atomic<int> denormal = 0;
#pragma omp parallel
    {
      volatile float tiny = std::numeric_limits<float>::min();
      tiny = tiny / 4;
      denormal += tiny != 0.0f ? 1 : 0;
    }
    EXPECT_EQ(denormal, 0);
  });
}

TEST(LaneGroupTest, APlanCompiledElsewhereRunsOnEveryLane) {
  // With oneDNN's own scratchpad this crashes: it belongs to the thread that created the primitive.
  const auto model = Model::Create(ResidualNetwork(), {}).value();
  auto lanes = LaneGroup::Create(TwoCpus()).value();
  for (bool wide : {false, true}) {
    const PlanKey key{{Shape({4, 3, 20, 20})}, wide ? lanes->wide_width() : 1};
    const auto executable = model->Prepare(key).value();
    for (int i = 0; i < 4; ++i) {
      RunOnLane(*lanes, wide, [&](Lane& lane) {
        PlanInstance* instance = lane.Instance(executable).value();
        EXPECT_TRUE(instance->Run().ok());
      });
    }
  }
}

TEST(LaneGroupTest, TrimFreesTheWeightsOfAModelThatIsGone) {
  auto lanes = LaneGroup::Create(TwoCpus()).value();
  std::weak_ptr<const Executable> kept;
  {
    const auto model = Model::Create(ResidualNetwork(), {}).value();
    const auto executable = model->Prepare({{Shape({1, 3, 20, 20})}, 1}).value();
    kept = executable;
    RunOnLane(*lanes, false, [&](Lane& lane) { EXPECT_TRUE(lane.Instance(executable).ok()); });
  }
  EXPECT_FALSE(kept.expired());  // the lane's instance holds it
  lanes->Trim();
  EXPECT_TRUE(kept.expired());
}

// Calls its gate until it has seen the serving job run.
class PatientJob final : public LaneJob {
 public:
  PatientJob(std::atomic<bool>& served, std::latch& started, std::latch& done)
      : served_(served), started_(started), done_(done) {}
  JobPriority priority() const override { return JobPriority::kBackground; }
  Progress Step(Lane& lane, const Gate& gate) override {
    started_.count_down();
    while (!served_) {
      gate();
    }
    done_.count_down();
    return Progress::kDone;
  }

 private:
  std::atomic<bool>& served_;
  std::latch& started_;
  std::latch& done_;
};

TEST(LaneGroupTest, ABackgroundJobGivesWayAtItsGate) {
  auto options = TwoCpus();
  options.budget.cpus.resize(1);  // one lane: the serving job has no other
  auto lanes = LaneGroup::Create(options).value();
  std::atomic<bool> served = false;
  std::latch started(1), done(1);
  lanes->SubmitBackground(std::make_unique<PatientJob>(served, started, done), false);
  started.wait();
  CountedSource source(
      1, [](int) { return false; }, [&](Lane&) { served = true; });
  lanes->SetSource(&source);
  lanes->Wake();
  done.wait();
  EXPECT_TRUE(served);
  lanes->SetSource(nullptr);
}

TEST(LaneGroupTest, ServingWorkGoesBeforeBackgroundWork) {
  auto options = TwoCpus();
  options.budget.cpus.resize(1);
  auto lanes = LaneGroup::Create(options).value();
  std::vector<std::string> order;
  std::latch begin(1), done(1);
  lanes->SubmitBackground(std::make_unique<CallJob>([&](Lane&) { begin.wait(); }), false);
  lanes->SubmitBackground(std::make_unique<CallJob>([&](Lane&) {
                            order.push_back("background");
                            done.count_down();
                          }),
                          false);
  CountedSource source(
      1, [](int) { return false; }, [&](Lane&) { order.push_back("serving"); });
  lanes->SetSource(&source);
  begin.count_down();
  done.wait();
  lanes->SetSource(nullptr);
  EXPECT_EQ(order, (std::vector<std::string>{"serving", "background"}));
}

TEST(CpuBudgetTest, AQuotaCountsWholeCpusAndAtLeastOne) {
  EXPECT_EQ(CpusOfQuota("max 100000"), 0);
  EXPECT_EQ(CpusOfQuota("-1 100000"), 0);
  EXPECT_EQ(CpusOfQuota(""), 0);
  EXPECT_EQ(CpusOfQuota("50000 100000"), 1);
  EXPECT_EQ(CpusOfQuota("150000 100000"), 1);
  EXPECT_EQ(CpusOfQuota("400000 100000"), 4);
}

}  // namespace
}  // namespace dnnd::engine
