// Runs plans of a model on the calling thread, without lanes: for tools and tests.
#ifndef DNND_ENGINE_DNNBENCH_RUNNER_H_
#define DNND_ENGINE_DNNBENCH_RUNNER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/lane.h"
#include "engine/exec/model.h"
#include "engine/exec/plan_instance.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// Belongs to the thread that made it, which it prepares for a team of `threads`.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Create(std::shared_ptr<Model> model, int threads);

  // The instance for these input shapes, compiled and bound at their first use. What it holds is
  // valid until the next call: all instances share one arena.
  absl::StatusOr<PlanInstance*> Instance(absl::Span<const Shape> shapes);

  // The outputs for these inputs, by graph input. INVALID_ARGUMENT where they do not fit the model.
  absl::StatusOr<std::vector<Tensor>> Run(absl::Span<const Tensor> inputs);

 private:
  Runner(std::shared_ptr<Model> model, int threads, std::shared_ptr<LaneArenas> arenas)
      : model_(std::move(model)), lane_(threads, std::move(arenas)) {}

  const std::shared_ptr<Model> model_;
  Lane lane_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_RUNNER_H_
