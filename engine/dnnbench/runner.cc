#include "engine/dnnbench/runner.h"

#include <unistd.h>

#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/exec/openmp.h"

namespace dnnd::engine {
namespace {

int64_t PhysicalMemory() { return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE); }

}  // namespace

absl::StatusOr<std::unique_ptr<Runner>> Runner::Create(std::shared_ptr<Model> model, int threads) {
  PrepareComputeThread(threads);
  auto runner = absl::WrapUnique(new Runner(std::move(model), threads));
  DNND_ASSIGN_OR_RETURN(runner->arena_, Arena::Reserve(PhysicalMemory()));
  DNND_ASSIGN_OR_RETURN(runner->scratchpad_, Arena::Reserve(PhysicalMemory()));
  return runner;
}

absl::StatusOr<PlanInstance*> Runner::Instance(absl::Span<const Shape> shapes) {
  if (instance_ == nullptr || absl::MakeConstSpan(shapes_) != shapes) {
    instance_.reset();
    shapes_.assign(shapes.begin(), shapes.end());
    DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const Executable> executable,
                          model_->Prepare(PlanKey{shapes_, threads_}));
    DNND_ASSIGN_OR_RETURN(instance_, PlanInstance::Create(executable->plan(), executable->weights(),
                                                          {arena_.get(), scratchpad_.get()}));
  }
  return instance_.get();
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
  for (size_t i = 0; i < instance->plan().outputs.size(); ++i) {
    DNND_ASSIGN_OR_RETURN(Tensor output, Tensor::Copy(instance->output(i)));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace dnnd::engine
