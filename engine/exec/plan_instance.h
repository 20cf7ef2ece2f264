// A plan bound to the memory of one lane: what actually runs.
#ifndef DNND_ENGINE_EXEC_PLAN_INSTANCE_H_
#define DNND_ENGINE_EXEC_PLAN_INSTANCE_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/executable.h"
#include "engine/exec/gate.h"
#include "engine/exec/lane_memory.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// Not thread-safe: used by the thread of its lane. Inputs and outputs lie in the lane's arena:
// write inputs, Run, and read outputs before anything else runs on the lane. Running twice on the
// same inputs gives the same outputs.
class PlanInstance {
 public:
  // Binds every kernel. `memory` outlives the instance; the executable is kept alive.
  // RESOURCE_EXHAUSTED when the arena cannot grow.
  static absl::StatusOr<std::unique_ptr<PlanInstance>> Create(
      std::shared_ptr<const Executable> executable, LaneMemory memory);

  const Plan& plan() const { return *executable_->plan(); }
  const Executable& executable() const { return *executable_; }
  MutableTensorView input(int i) const { return inputs_[i]; }
  // The model's outputs. Where a tail makes them they are those of the last run, with its extents;
  // before the first one they are undefined.
  absl::Span<const TensorView> outputs() const { return outputs_; }

  // Frees what a tail gave, which outputs() then has no more: instances are kept, and results may
  // be large.
  void ReleaseOutputs();

  // Neither allocates nor blocks, but for a tail and for what `gate` does. A failed run leaves the
  // outputs undefined and the instance usable. The thread must be prepared for the plan's number of
  // threads. Errors: those of kernels, and of Tail::Run.
  absl::Status Run(const Gate* gate = nullptr);

  // Writes `inputs` (by input, of the plan's shapes), runs, and returns copies of the outputs.
  // INVALID_ARGUMENT naming an input of another type.
  absl::StatusOr<std::vector<Tensor>> RunOn(absl::Span<const Tensor> inputs);

  // Runs only these steps, in this order: to measure kernels apart from everything around them.
  // Leaves the outputs undefined.
  absl::Status RunSteps(absl::Span<const int> steps);

  // Where the seconds of a run went.
  struct Times {
    std::vector<double> steps;  // by step of the plan
    double tail = 0;
  };
  // Runs once and measures.
  absl::Status RunTimed(Times* times);

 private:
  PlanInstance(std::shared_ptr<const Executable> executable, LaneMemory memory)
      : executable_(std::move(executable)), memory_(memory) {}
  absl::Status BindKernels();
  void* Resolve(const BufferRef& ref) const;
  absl::Status RunStep(size_t i);
  absl::Status RunTail(const Gate* gate);

  const std::shared_ptr<const Executable> executable_;
  const LaneMemory memory_;
  std::vector<std::unique_ptr<BoundKernel>> kernels_;
  std::vector<MutableTensorView> inputs_;
  std::vector<TensorView> planned_outputs_;
  std::vector<Tensor> tail_outputs_;
  std::vector<TensorView> outputs_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_PLAN_INSTANCE_H_
