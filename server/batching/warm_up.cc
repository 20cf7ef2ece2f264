#include "server/batching/warm_up.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "server/batching/cpu_time.h"
#include "server/batching/model_queue.h"
#include "server/repository/engine_facts.h"

namespace dnnd::server {
namespace {

constexpr int64_t kLargestMeasured = 32;
// For all sizes of one kind of lane.
constexpr absl::Duration kLongestWarmUp = absl::Seconds(3);
// Sizes that cost this much more a row than the best are on the way up.
constexpr double kWorse = 1.25;
constexpr int kLeastRuns = 4;
constexpr int kMostRuns = 20;
constexpr absl::Duration kEnoughRuns = absl::Milliseconds(120);

// The least times of some runs, by the clock and of the lane's thread.
struct LeastTimes {
  absl::Duration wall = absl::InfiniteDuration();
  absl::Duration cpu = absl::InfiniteDuration();
};

// Runs a plan a few times on a lane, giving way to what serves.
class MeasureJob final : public engine::LaneJob {
 public:
  explicit MeasureJob(std::shared_ptr<const engine::Executable> executable)
      : executable_(std::move(executable)) {}

  std::future<absl::StatusOr<LeastTimes>> outcome() { return outcome_.get_future(); }

  engine::JobPriority priority() const override { return engine::JobPriority::kBackground; }

  Progress Step(engine::Lane& lane, const engine::Gate& gate) override {
    absl::StatusOr<LeastTimes> least = Measure(lane, gate);
    // Arenas keep their addresses, not their memory: nothing is to be left of a warm-up.
    lane.background_memory().arena->Release();
    lane.background_memory().tail->Release();
    outcome_.set_value(std::move(least));
    return Progress::kDone;
  }

 private:
  absl::StatusOr<LeastTimes> Measure(engine::Lane& lane, const engine::Gate& gate) {
    DNND_ASSIGN_OR_RETURN(const std::unique_ptr<engine::PlanInstance> instance,
                          engine::PlanInstance::Create(executable_, lane.background_memory()));
    LeastTimes least;
    absl::Duration all;
    for (int run = 0; run < kMostRuns && (run < kLeastRuns || all < kEnoughRuns); ++run) {
      const absl::Time start = absl::Now();
      const absl::Duration start_cpu = ThreadCpuTime();
      DNND_RETURN_IF_ERROR(instance->Run(&gate));
      const absl::Duration cpu = ThreadCpuTime() - start_cpu;
      all += absl::Now() - start;
      if (run > 0) {  // the first one touches its memory for the first time
        least.wall = std::min(least.wall, absl::Now() - start);
        least.cpu = std::min(least.cpu, cpu);
      }
    }
    return least;
  }

  const std::shared_ptr<const engine::Executable> executable_;
  std::promise<absl::StatusOr<LeastTimes>> outcome_;
};

absl::StatusOr<LeastTimes> MeasureSize(engine::LaneGroup& lanes, engine::Model& model,
                                       absl::Span<const engine::Shape> row, int64_t rows,
                                       LaneKind kind) {
  const bool wide = kind == LaneKind::kWide;
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const engine::Executable> executable,
                        model.Prepare(model.KeyFor(row, rows, wide ? lanes.wide_width() : 1)));
  auto job = std::make_unique<MeasureJob>(std::move(executable));
  std::future<absl::StatusOr<LeastTimes>> outcome = job->outcome();
  lanes.SubmitBackground(std::move(job), wide);
  return outcome.get();
}

absl::Status MeasureKind(engine::LaneGroup& lanes, engine::Model& model,
                         absl::Span<const engine::Shape> row, int64_t limit, LaneKind kind,
                         CostCurve* curve) {
  const absl::Time start = absl::Now();
  absl::Duration best = absl::InfiniteDuration();
  for (int64_t rows = 1; rows <= limit; rows *= 2) {
    const absl::StatusOr<LeastTimes> took = MeasureSize(lanes, model, row, rows, kind);
    if (!took.ok()) {
      return rows == 1 ? took.status() : absl::OkStatus();  // too large is a limit, not a fault
    }
    curve->Observe(rows, took->wall, took->cpu, absl::Now());
    const absl::Duration per_row = took->cpu / rows;
    best = std::min(best, per_row);
    if (2 * took->cpu > kLongestBatch || per_row > kWorse * best ||
        absl::Now() - start > kLongestWarmUp) {
      break;
    }
  }
  return absl::OkStatus();
}

QueueOptions OptionsOf(const engine::Signature& signature, const v1::Batching& batching) {
  QueueOptions options;
  if (batching.has_max_batch_size()) {
    options.max_batch_rows = batching.max_batch_size();
  }
  options.max_batch_rows =
      signature.batchable ? std::min(options.max_batch_rows, signature.max_batch) : 1;
  if (batching.has_max_queue_items()) {
    options.max_queue_rows = batching.max_queue_items();
  }
  if (batching.has_default_deadline_ms()) {
    options.default_deadline = absl::Milliseconds(batching.default_deadline_ms());
  }
  const auto axis = [&](const engine::TensorSpec& spec) {
    return signature.batchable ? spec.batch_axis : std::nullopt;
  };
  for (const engine::TensorSpec& spec : signature.inputs) {
    options.input_axes.push_back(axis(spec));
  }
  for (const engine::TensorSpec& spec : signature.outputs) {
    options.output_axes.push_back(axis(spec));
  }
  return options;
}

}  // namespace

absl::Status WarmUp(engine::LaneGroup& lanes, ServedModel& served) {
  engine::Model& model = *served.model;
  const std::vector<engine::Shape> row = model.RowShapes();
  const QueueOptions options = OptionsOf(model.signature(), served.config.batching());
  auto queue = std::make_unique<ModelQueue>(options, row);
  ShapeGroup& group = *queue->groups.front();
  const int64_t limit = std::min(options.max_batch_rows, kLargestMeasured);
  absl::Status status = MeasureKind(lanes, model, row, limit, LaneKind::kNarrow, &group.narrow);
  if (status.ok() && lanes.wide_width() > 1) {
    status = MeasureKind(lanes, model, row, limit, LaneKind::kWide, &group.wide);
  }
  if (!status.ok() && !MayServeOthers(model.signature(), status)) {
    return status;
  }
  served.weight_bytes = model.weight_bytes();
  served.arena_bytes = model.arena_bytes();
  served.attachment = std::move(queue);
  return absl::OkStatus();
}

}  // namespace dnnd::server
