// Runs plans of a model on the calling thread, without lanes: for tools and tests.
#ifndef DNND_ENGINE_DNNBENCH_RUNNER_H_
#define DNND_ENGINE_DNNBENCH_RUNNER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/arena.h"
#include "engine/exec/model.h"
#include "engine/exec/plan_instance.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// Belongs to the thread that made it, which it prepares for a team of `threads`. One instance at a
// time lives in its memory.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Create(std::shared_ptr<Model> model, int threads);

  // The instance for these input shapes, compiled and bound where the last one was for others.
  // Valid until the next call.
  absl::StatusOr<PlanInstance*> Instance(absl::Span<const Shape> shapes);

  // The outputs for these inputs, by graph input. INVALID_ARGUMENT where they do not fit the model.
  absl::StatusOr<std::vector<Tensor>> Run(absl::Span<const Tensor> inputs);

 private:
  Runner(std::shared_ptr<Model> model, int threads) : model_(std::move(model)), threads_(threads) {}

  const std::shared_ptr<Model> model_;
  const int threads_;
  std::unique_ptr<Arena> arena_;
  std::unique_ptr<Arena> scratchpad_;
  std::vector<Shape> shapes_;
  std::unique_ptr<PlanInstance> instance_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_RUNNER_H_
