#include "engine/dnnbench/runner.h"

#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
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
  for (size_t i = 0; i < inputs.size(); ++i) {
    const MutableTensorView slot = instance->input(i);
    if (slot.type() != inputs[i].type()) {
      return absl::InvalidArgumentError(absl::StrCat("input ", i, ": got ",
                                                     inputs[i].tensor_type().ToString(),
                                                     ", wanted ", slot.tensor_type().ToString()));
    }
    std::memcpy(slot.raw(), inputs[i].data<void>(), inputs[i].num_bytes());
  }
  DNND_RETURN_IF_ERROR(instance->Run());
  std::vector<Tensor> outputs;
  for (const TensorView& view : instance->outputs()) {
    DNND_ASSIGN_OR_RETURN(Tensor output, Tensor::Copy(view));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace dnnd::engine
