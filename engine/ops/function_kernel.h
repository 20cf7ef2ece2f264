// A kernel of our own from a function of its arguments.
#ifndef DNND_ENGINE_OPS_FUNCTION_KERNEL_H_
#define DNND_ENGINE_OPS_FUNCTION_KERNEL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/tensor/kernel.h"

namespace dnnd::engine {

struct FunctionKernelSpec {
  std::string implementation;  // for explain
  // Called from any number of threads at once, each time with one instance's arguments. Neither
  // allocates nor fails.
  std::function<void(const KernelArguments&)> run;
  int64_t scratchpad_bytes = 0;
  std::optional<InPlace> in_place = std::nullopt;
};

std::unique_ptr<Kernel> MakeFunctionKernel(FunctionKernelSpec spec);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_FUNCTION_KERNEL_H_
