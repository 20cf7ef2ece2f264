#include "engine/dnnbench/runner.h"

#include <utility>

#include "absl/memory/memory.h"
#include "engine/base/status.h"
#include "engine/exec/openmp.h"

namespace dnnd::engine {
absl::StatusOr<std::unique_ptr<Runner>> Runner::Create(std::shared_ptr<Model> model, int threads) {
  PrepareComputeThread(threads);
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<LaneArenas> arenas, LaneArenas::Reserve());
  return absl::WrapUnique(new Runner(std::move(model), threads, std::move(arenas)));
}

absl::StatusOr<PlanInstance*> Runner::Instance(absl::Span<const Shape> shapes) {
  const PlanKey key = {{shapes.begin(), shapes.end()}, lane_.width()};
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const Executable> executable, model_->Prepare(key));
  return lane_.Instance(executable);
}

absl::StatusOr<std::vector<Tensor>> Runner::Run(absl::Span<const Tensor> inputs) {
  std::vector<Shape> shapes;
  for (const Tensor& input : inputs) {
    shapes.push_back(input.shape());
  }
  DNND_ASSIGN_OR_RETURN(PlanInstance* const instance, Instance(shapes));
  return instance->RunOn(inputs);
}

}  // namespace dnnd::engine
