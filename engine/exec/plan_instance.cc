#include "engine/exec/plan_instance.h"

#include <omp.h>

#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "engine/base/status.h"
#include "engine/exec/thread_count.h"

namespace dnnd::engine {

absl::StatusOr<std::unique_ptr<PlanInstance>> PlanInstance::Create(
    std::shared_ptr<const Plan> plan, std::shared_ptr<const BoundWeights> weights,
    LaneMemory memory) {
  DNND_RETURN_IF_ERROR(memory.arena->Grow(plan->arena_bytes));
  DNND_RETURN_IF_ERROR(memory.scratchpad->Grow(plan->scratchpad_bytes));
  auto instance = absl::WrapUnique(new PlanInstance());
  instance->plan_ = std::move(plan);
  instance->weights_ = std::move(weights);
  instance->memory_ = memory;
  for (const PlanStep& step : instance->plan_->steps) {
    KernelArguments arguments;
    for (const BufferRef& ref : step.inputs) {
      arguments.inputs.push_back(instance->Resolve(ref));
    }
    for (const BufferRef& ref : step.outputs) {
      arguments.outputs.push_back(instance->Resolve(ref));
    }
    arguments.scratchpad = memory.scratchpad->base();
    auto kernel = step.kernel->Bind(std::move(arguments));
    if (!kernel.ok()) {
      return Annotate(kernel.status(), step.name);
    }
    instance->kernels_.push_back(std::move(kernel).value());
  }
  for (const PlanArgument& input : instance->plan_->inputs) {
    instance->inputs_.emplace_back(input.type, instance->Resolve(input.buffer));
  }
  for (const PlanArgument& output : instance->plan_->outputs) {
    instance->outputs_.emplace_back(output.type, instance->Resolve(output.buffer));
  }
  return instance;
}

void* PlanInstance::Resolve(const BufferRef& ref) const {
  switch (ref.kind) {
    case BufferRef::Kind::kNone:
      return nullptr;
    case BufferRef::Kind::kArena:
      return memory_.arena->base() + ref.offset;
    case BufferRef::Kind::kWeight:
      return const_cast<void*>(weights_->data(ref.offset));
  }
  return nullptr;
}

// A primitive must run with the number of threads that it was created for.
absl::Status PlanInstance::RunStep(size_t i) {
  omp_set_num_threads(plan_->steps[i].threads);
  absl::Status status = kernels_[i]->Run();
  return status.ok() ? status : Annotate(status, plan_->steps[i].name);
}

absl::Status PlanInstance::Run(const Gate* gate) {
  const ThreadCount restore(plan_->threads);
  for (size_t i = 0; i < kernels_.size(); ++i) {
    DNND_RETURN_IF_ERROR(RunStep(i));
    if (gate != nullptr) {
      (*gate)();
    }
  }
  return absl::OkStatus();
}

absl::Status PlanInstance::RunSteps(absl::Span<const int> steps) {
  const ThreadCount restore(plan_->threads);
  for (int step : steps) {
    DNND_RETURN_IF_ERROR(RunStep(step));
  }
  return absl::OkStatus();
}

absl::Status PlanInstance::RunTimed(absl::Span<double> seconds) {
  using SteadyClock = std::chrono::steady_clock;
  const ThreadCount restore(plan_->threads);
  SteadyClock::time_point before = SteadyClock::now();
  for (size_t i = 0; i < kernels_.size(); ++i) {
    DNND_RETURN_IF_ERROR(RunStep(i));
    const SteadyClock::time_point after = SteadyClock::now();
    seconds[i] = std::chrono::duration<double>(after - before).count();
    before = after;
  }
  return absl::OkStatus();
}

}  // namespace dnnd::engine
