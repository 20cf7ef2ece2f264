#include "engine/exec/plan_instance.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/exec/thread_count.h"

namespace dnnd::engine {

absl::StatusOr<std::unique_ptr<PlanInstance>> PlanInstance::Create(
    std::shared_ptr<const Executable> executable, LaneMemory memory) {
  const Plan& plan = *executable->plan();
  DNND_RETURN_IF_ERROR(memory.arena->Grow(plan.arena_bytes));
  DNND_RETURN_IF_ERROR(memory.scratchpad->Grow(plan.scratchpad_bytes));
  auto instance = absl::WrapUnique(new PlanInstance(std::move(executable), memory));
  DNND_RETURN_IF_ERROR(instance->BindKernels());
  for (const PlanArgument& input : plan.inputs) {
    instance->inputs_.emplace_back(input.type, instance->Resolve(input.buffer));
  }
  for (const PlanArgument& output : plan.outputs) {
    instance->planned_outputs_.emplace_back(output.type, instance->Resolve(output.buffer));
  }
  if (const Tail* tail = instance->executable_->tail()) {
    instance->outputs_.resize(tail->graph().outputs.size());
  } else {
    instance->outputs_ = instance->planned_outputs_;
  }
  return instance;
}

absl::Status PlanInstance::BindKernels() {
  for (const PlanStep& step : plan().steps) {
    KernelArguments arguments;
    for (const BufferRef& ref : step.inputs) {
      arguments.inputs.push_back(Resolve(ref));
    }
    for (const BufferRef& ref : step.outputs) {
      arguments.outputs.push_back(Resolve(ref));
    }
    arguments.scratchpad = memory_.scratchpad->base();
    auto kernel = step.kernel->Bind(std::move(arguments));
    if (!kernel.ok()) {
      return Annotate(kernel.status(), step.name);
    }
    kernels_.push_back(std::move(kernel).value());
  }
  return absl::OkStatus();
}

void* PlanInstance::Resolve(const BufferRef& ref) const {
  switch (ref.kind) {
    case BufferRef::Kind::kNone:
      return nullptr;
    case BufferRef::Kind::kArena:
      return memory_.arena->base() + ref.offset;
    case BufferRef::Kind::kWeight:
      return const_cast<void*>(executable_->weights()->data(ref.offset));
  }
  return nullptr;
}

// A primitive must run with the number of threads that it was created for.
absl::Status PlanInstance::RunStep(size_t i) {
  omp_set_num_threads(plan().steps[i].threads);
  absl::Status status = kernels_[i]->Run();
  return status.ok() ? status : Annotate(status, plan().steps[i].name);
}

absl::Status PlanInstance::RunTail(const Gate* gate) {
  const Tail* tail = executable_->tail();
  if (tail == nullptr) {
    return absl::OkStatus();
  }
  ReleaseOutputs();
  omp_set_num_threads(plan().threads);  // the last step may have wanted one
  DNND_ASSIGN_OR_RETURN(tail_outputs_, tail->Run(planned_outputs_, memory_, gate));
  for (size_t i = 0; i < outputs_.size(); ++i) {
    outputs_[i] = tail_outputs_[i].view();
  }
  return absl::OkStatus();
}

void PlanInstance::ReleaseOutputs() {
  if (executable_->tail() != nullptr) {
    tail_outputs_.clear();
    std::fill(outputs_.begin(), outputs_.end(), TensorView());
  }
}

absl::Status PlanInstance::Run(const Gate* gate) {
  const ThreadCount restore(plan().threads);
  for (size_t i = 0; i < kernels_.size(); ++i) {
    DNND_RETURN_IF_ERROR(RunStep(i));
    if (gate != nullptr) {
      (*gate)();
    }
  }
  return RunTail(gate);
}

absl::StatusOr<std::vector<Tensor>> PlanInstance::RunOn(absl::Span<const Tensor> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const MutableTensorView& slot = inputs_[i];
    if (slot.type() != inputs[i].type()) {
      return absl::InvalidArgumentError(absl::StrCat("input ", i, ": got ",
                                                     inputs[i].tensor_type().ToString(),
                                                     ", wanted ", slot.tensor_type().ToString()));
    }
    std::memcpy(slot.raw(), inputs[i].data<void>(), inputs[i].num_bytes());
  }
  DNND_RETURN_IF_ERROR(Run());
  std::vector<Tensor> outputs;
  for (const TensorView& view : outputs_) {
    DNND_ASSIGN_OR_RETURN(Tensor output, Tensor::Copy(view));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

absl::Status PlanInstance::RunSteps(absl::Span<const int> steps) {
  const ThreadCount restore(plan().threads);
  for (int step : steps) {
    DNND_RETURN_IF_ERROR(RunStep(step));
  }
  return absl::OkStatus();
}

absl::Status PlanInstance::RunTimed(Times* times) {
  using SteadyClock = std::chrono::steady_clock;
  const ThreadCount restore(plan().threads);
  SteadyClock::time_point before = SteadyClock::now();
  const auto lap = [&before] {
    const SteadyClock::time_point after = SteadyClock::now();
    return std::chrono::duration<double>(after - std::exchange(before, after)).count();
  };
  times->steps.resize(kernels_.size());
  for (size_t i = 0; i < kernels_.size(); ++i) {
    DNND_RETURN_IF_ERROR(RunStep(i));
    times->steps[i] = lap();
  }
  DNND_RETURN_IF_ERROR(RunTail(nullptr));
  times->tail = lap();
  return absl::OkStatus();
}

}  // namespace dnnd::engine
