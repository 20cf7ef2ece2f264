// A plan bound to the memory of one lane: what actually runs.
#ifndef DNND_ENGINE_EXEC_PLAN_INSTANCE_H_
#define DNND_ENGINE_EXEC_PLAN_INSTANCE_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/arena.h"
#include "engine/exec/plan.h"
#include "engine/exec/weight_set.h"

namespace dnnd::engine {

// Asked between two kernels; returns when the run may go on. It may run other work on this thread
// meanwhile, in other memory.
using Gate = std::function<void()>;

// The memory that every instance of a lane shares: they run one at a time.
struct LaneMemory {
  Arena* arena = nullptr;
  Arena* scratchpad = nullptr;
};

// Not thread-safe: used by the thread of its lane. Inputs and outputs lie in the lane's arena:
// write inputs, Run, and read outputs before anything else runs on the lane. Running twice on the
// same inputs gives the same outputs.
class PlanInstance {
 public:
  // Binds every kernel. `memory` outlives the instance; plan and weights are kept alive.
  // RESOURCE_EXHAUSTED when the arena cannot grow.
  static absl::StatusOr<std::unique_ptr<PlanInstance>> Create(
      std::shared_ptr<const Plan> plan, std::shared_ptr<const BoundWeights> weights,
      LaneMemory memory);

  const Plan& plan() const { return *plan_; }
  MutableTensorView input(int i) const { return inputs_[i]; }
  TensorView output(int i) const { return outputs_[i]; }

  // Neither allocates nor blocks, but for what `gate` does. A failed run leaves the outputs
  // undefined and the instance usable. The thread must be prepared for the plan's number of
  // threads.
  absl::Status Run(const Gate* gate = nullptr);

  // Runs only these steps, in this order: to measure kernels apart from everything around them.
  // Leaves the outputs undefined.
  absl::Status RunSteps(absl::Span<const int> steps);

  // Runs once and writes the seconds of each step to `seconds`, which has plan().steps.size()
  // entries.
  absl::Status RunTimed(absl::Span<double> seconds);

 private:
  PlanInstance() = default;
  void* Resolve(const BufferRef& ref) const;
  absl::Status RunStep(size_t i);

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<const BoundWeights> weights_;
  LaneMemory memory_;
  std::vector<std::unique_ptr<BoundKernel>> kernels_;
  std::vector<MutableTensorView> inputs_;
  std::vector<TensorView> outputs_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_PLAN_INSTANCE_H_
