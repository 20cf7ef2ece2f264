// What lanes do: ask for a batch, run it, hand out its rows.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/batching/rows.h"
#include "server/batching/scheduler.h"

namespace dnnd::server {
namespace {

constexpr absl::Duration kFailuresShown = absl::Seconds(1);  // one of them

}  // namespace

// Whose turn it is: the oldest deadline first, whatever the model.
std::vector<Scheduler::Active> Scheduler::ByDeadline(absl::Time now) const {
  std::vector<std::pair<std::pair<absl::Time, uint64_t>, const Active*>> fronts;
  for (const Active& active : active_) {
    const auto first = active.group->FirstInTime(now);
    if (first != active.group->waiting.end()) {
      fronts.emplace_back(first->first, &active);
    }
  }
  std::sort(fronts.begin(), fronts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Active> ordered;
  ordered.reserve(fronts.size());
  for (const auto& [key, active] : fronts) {
    ordered.push_back(*active);
  }
  return ordered;
}

std::unique_ptr<Batch> Scheduler::NextBatch(const FreeLanes& lanes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time now = clock_.Now();
  for (const Active& active : ByDeadline(now)) {
    const ModelHandle& model = active.group->waiting.begin()->second->request.model;
    WaitingGroup group = active.queue->Snapshot(*active.group, now);
    group.has_plan = [&](LaneKind kind, int64_t rows) {
      return engine_.HasPlan(*model, active.group->row, rows, kind);
    };
    const Formed formed = FormBatch(group, lanes, now);
    if (formed.wish.has_value()) {
      Wish(active, *formed.wish);
    }
    if (formed.rows > 0) {
      return TakeRows(active, formed, now);
    }
    if (formed.hold_until > now) {
      timer_.Set(formed.hold_until);
    }
  }
  return nullptr;
}

std::unique_ptr<Batch> Scheduler::TakeRows(const Active& active, const Formed& formed,
                                           absl::Time now) {
  auto batch = std::make_unique<Batch>();
  ShapeGroup& group = *active.group;
  batch->group = active.group;
  batch->kind = formed.kind;
  batch->formed = now;
  group.full_batches += formed.reason == DispatchReason::kFull ? 1 : 0;
  batch->expected_end = now + group.curve(formed.kind).Predict(formed.rows, now);
  auto next = group.FirstInTime(now);
  batch->model = next->second->request.model;
  while (batch->rows < formed.rows) {
    PendingRequest& request = *next->second;
    Place& place = places_.at(request.id);
    const int64_t rows = std::min(formed.rows - batch->rows, request.rows_left());
    if (request.next_row == 0) {
      LearnWait(place, now);
    }
    batch->slices.push_back({next->second, request.next_row, rows, batch->rows});
    batch->rows += rows;
    request.next_row += rows;
    request.in_flight += rows;
    backlog_ -= place.row_time * rows;
    next = request.rows_left() == 0 ? group.waiting.erase(next) : std::next(next);
  }
  group.rows -= batch->rows;
  ++group.running;
  active.queue->waiting_rows -= batch->rows;
  ShowQueue(*batch->slices.front().request, *active.queue);
  if (group.waiting.empty()) {
    active_.erase(std::find_if(active_.begin(), active_.end(),
                               [&](const Active& a) { return a.group == batch->group; }));
  }
  running_.push_back(batch.get());
  ShowLanes();
  batch->model->metrics->CountBatch(formed.reason, batch->rows);
  return batch;
}

void Scheduler::ShowLanes() {
  for (LaneKind kind : {LaneKind::kNarrow, LaneKind::kWide}) {
    metrics_.SetLanesBusy(
        kind, static_cast<int>(std::count_if(running_.begin(), running_.end(),
                                             [&](const Batch* b) { return b->kind == kind; })));
  }
}

void Scheduler::Wish(const Active& active, const PlanWish& wish) {
  RequestPlan(active.group->waiting.begin()->second->request.model, active.group, wish);
}

void Scheduler::RequestPlan(const ModelHandle& model, const std::shared_ptr<ShapeGroup>& group,
                            const PlanWish& wish) {
  if (group->planning.emplace(wish.kind, wish.rows).second) {
    engine_.RequestPlan(model, group->row, wish.rows, wish.kind,
                        [this, model, group, wish](const absl::Status& status) {
                          PlanReady(model, group, wish, status);
                        });
  }
}

// A size whose plan failed stays in `planning`: it is not asked for again.
void Scheduler::PlanReady(const ModelHandle& model, const std::shared_ptr<ShapeGroup>& group,
                          const PlanWish& wish, const absl::Status& status) {
  Answers answers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status.ok()) {
      group->planning.erase({wish.kind, wish.rows});
    } else if (wish.rows > 1) {
      RequestPlan(model, group, {wish.kind, 1});
    } else {
      // Not even one row can run in this shape: the requests are at fault, or memory is.
      std::vector<Place> failed;
      for (const auto& [key, request] : group->waiting) {
        failed.push_back(places_.at(key.second));
      }
      for (Place& place : failed) {
        Drop(std::move(place), status, DropReason::kNoPlan, &answers);
      }
      group->planning.erase({wish.kind, wish.rows});
    }
  }
  Answer(answers);
  engine_.Wake();
}

absl::Status Scheduler::RunSlices(const std::vector<Batch::Slice>& slices, int64_t rows,
                                  const Batch& batch, const BindRun& bind, Times* times) {
  const QueueOptions& options = QueueOf(*batch.model).options;
  const absl::Time start = clock_.Now();
  DNND_ASSIGN_OR_RETURN(const BoundRun bound, bind(rows));
  for (const Batch::Slice& slice : slices) {
    const BatchRequest& request = slice.request->request;
    for (size_t i = 0; i < bound.inputs.size(); ++i) {
      DNND_RETURN_IF_ERROR(CopyRows(request.inputs[i], slice.first_row, bound.inputs[i],
                                    slice.batch_row, slice.rows, options.input_axes[i]));
    }
  }
  const absl::Time gathered = clock_.Now();
  DNND_ASSIGN_OR_RETURN(times->cpu, bound.run());
  const absl::Time computed = clock_.Now();
  const absl::Span<const engine::TensorView> outputs = bound.outputs();
  for (const Batch::Slice& slice : slices) {
    const absl::Status taken = slice.request->TakeOutputs(
        outputs, options.output_axes, slice.batch_row, slice.first_row, slice.rows);
    slice.request->Fail(taken);
  }
  times->compute = computed - gathered;
  times->batch = clock_.Now() - start - times->compute;
  for (const Batch::Slice& slice : slices) {
    slice.request->Note(batch.formed - slice.request->submitted, times->batch, times->compute,
                        rows);
  }
  return absl::OkStatus();
}

// Counted each time, logged now and then: a model that fails every batch would fill the disk.
void Scheduler::ShowFailure(const Batch& batch, const absl::Status& why) {
  batch.model->metrics->CountBatchFailure();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = clock_.Now();
    if (now - failure_shown_ < kFailuresShown) {
      return;
    }
    failure_shown_ = now;
  }
  log_.Warning("a batch failed",
               {{"model", batch.model->name}, {"rows", batch.rows}, {"why", why}});
}

void Scheduler::RunSingly(const Batch& batch, const BindRun& bind) {
  for (const Batch::Slice& slice : batch.slices) {
    for (int64_t i = 0; i < slice.rows; ++i) {
      Times times;
      slice.request->Fail(
          RunSlices({{slice.request, slice.first_row + i, 1, 0}}, 1, batch, bind, &times));
    }
  }
}

void Scheduler::Run(Batch& batch, const BindRun& bind) {
  Times times;
  const absl::Status status = RunSlices(batch.slices, batch.rows, batch, bind, &times);
  if (status.ok()) {
    Finish(batch, times);
    return;
  }
  ShowFailure(batch, status);
  if (batch.rows > 1) {
    RunSingly(batch, bind);
  } else {
    batch.slices.front().request->Fail(status);
  }
  Finish(batch, std::nullopt);
}

void Scheduler::Finish(const Batch& batch, const std::optional<Times>& took) {
  Answers answers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.remove(&batch);
    ShowLanes();
    ShapeGroup& group = *batch.group;
    --group.running;
    if (took.has_value()) {
      group.answered = {batch.rows, took->batch + took->compute, clock_.Now()};
      group.curve(batch.kind)
          .Observe(batch.rows, group.answered.took, took->cpu, group.answered.at);
    }
    for (const Batch::Slice& slice : batch.slices) {
      slice.request->in_flight -= slice.rows;
      if (slice.request->in_flight == 0 && slice.request->rows_left() == 0) {
        places_.erase(slice.request->id);
        answers.push_back(slice.request);
      }
    }
    if (running_.empty()) {
      idle_.notify_all();
    }
  }
  // The scheduler may be gone from here on.
  Answer(answers);
}

}  // namespace dnnd::server
