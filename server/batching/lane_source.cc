#include "server/batching/lane_source.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "engine/base/status.h"
#include "server/batching/cpu_time.h"

namespace dnnd::server {
namespace {

// Plans are made while lanes compute on the same CPUs: they should hardly notice.
constexpr int kPlannerNiceness = 10;

// The buffers of the lane for one run of `rows` rows shaped like `row`.
absl::StatusOr<BoundRun> Bind(engine::Lane& lane, engine::Model& model,
                              absl::Span<const engine::Shape> row, int64_t rows) {
  // The plan was there when the batch was formed; a cache that let it go meanwhile makes it again.
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const engine::Executable> executable,
                        model.Prepare(model.KeyFor(row, rows, lane.width())));
  DNND_ASSIGN_OR_RETURN(engine::PlanInstance * instance, lane.Instance(executable));
  BoundRun bound;
  const engine::Plan& plan = instance->plan();
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    bound.inputs.push_back(instance->input(static_cast<int>(i)));
  }
  bound.run = [instance]() -> absl::StatusOr<absl::Duration> {
    const absl::Duration start = ThreadCpuTime();
    DNND_RETURN_IF_ERROR(instance->Run());
    return ThreadCpuTime() - start;
  };
  // The results go with the run.
  const auto release = [instance](void*) { instance->ReleaseOutputs(); };
  bound.outputs = [instance, held = std::shared_ptr<void>(nullptr, release)] {
    return instance->outputs();
  };
  return bound;
}

class BatchJob final : public engine::LaneJob {
 public:
  BatchJob(Scheduler& scheduler, std::unique_ptr<Batch> batch)
      : scheduler_(scheduler), batch_(std::move(batch)) {}

  engine::JobPriority priority() const override { return engine::JobPriority::kServing; }

  Progress Step(engine::Lane& lane, const engine::Gate& gate) override {
    const ModelHandle model = batch_->model;
    const std::vector<engine::Shape>& row = batch_->group->row;
    scheduler_.Run(*batch_, [&](int64_t rows) { return Bind(lane, *model->model, row, rows); });
    return Progress::kDone;
  }

 private:
  Scheduler& scheduler_;
  const std::unique_ptr<Batch> batch_;
};

}  // namespace

LaneSource::LaneSource(engine::LaneGroup& lanes)
    : lanes_(lanes), planner_([this] { MakePlans(); }) {}

LaneSource::~LaneSource() { Stop(); }

void LaneSource::Start(Scheduler& scheduler) {
  scheduler_ = &scheduler;
  lanes_.SetSource(this);
}

void LaneSource::Stop() {
  lanes_.SetSource(nullptr);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    plans_.clear();
  }
  changed_.notify_all();
  if (planner_.joinable()) {
    planner_.join();
  }
}

bool LaneSource::HasPlan(const ServedModel& model, absl::Span<const engine::Shape> row,
                         int64_t rows, LaneKind kind) {
  const int threads = kind == LaneKind::kWide ? lanes_.wide_width() : 1;
  return model.model->Find(model.model->KeyFor(row, rows, threads)) != nullptr;
}

void LaneSource::RequestPlan(const ModelHandle& model, const std::vector<engine::Shape>& row,
                             int64_t rows, LaneKind kind,
                             std::function<void(const absl::Status&)> ready) {
  const int threads = kind == LaneKind::kWide ? lanes_.wide_width() : 1;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) {
    return;
  }
  plans_.push_back([model, key = model->model->KeyFor(row, rows, threads),
                    ready = std::move(ready)] { ready(model->model->Prepare(key).status()); });
  changed_.notify_all();
}

void LaneSource::MakePlans() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kPlannerNiceness);
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !plans_.empty(); });
    if (stopping_) {
      return;
    }
    const std::function<void()> make = std::move(plans_.front());
    plans_.pop_front();
    lock.unlock();
    make();
    lock.lock();
  }
}

std::optional<engine::LaneAssignment> LaneSource::NextJob(const engine::LaneOffer& offer) {
  FreeLanes free;
  free.narrow = offer.free_narrow;
  // On one CPU both kinds are the same; its plans are made for one of them.
  free.wide = offer.wide_free && (offer.wide_width > 1 || offer.free_narrow == 0);
  std::unique_ptr<Batch> batch = scheduler_->NextBatch(free);
  if (batch == nullptr) {
    return std::nullopt;
  }
  const bool wide = batch->kind == LaneKind::kWide;
  return engine::LaneAssignment{std::make_unique<BatchJob>(*scheduler_, std::move(batch)), wide};
}

}  // namespace dnnd::server
