#include "engine/ops/function_kernel.h"

#include <utility>

namespace dnnd::engine {
namespace {

using RunFunction = std::function<void(const KernelArguments&)>;

class BoundFunction final : public BoundKernel {
 public:
  BoundFunction(std::shared_ptr<const RunFunction> run, KernelArguments arguments)
      : run_(std::move(run)), arguments_(std::move(arguments)) {}

  absl::Status Run() override {
    (*run_)(arguments_);
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const RunFunction> run_;
  const KernelArguments arguments_;
};

class FunctionKernel final : public Kernel {
 public:
  explicit FunctionKernel(FunctionKernelSpec spec)
      : implementation_(std::move(spec.implementation)),
        run_(std::make_shared<const RunFunction>(std::move(spec.run))),
        scratchpad_bytes_(spec.scratchpad_bytes),
        in_place_(spec.in_place) {}

  const std::string& implementation() const override { return implementation_; }
  int64_t scratchpad_bytes() const override { return scratchpad_bytes_; }
  std::optional<InPlace> in_place() const override { return in_place_; }
  absl::StatusOr<std::unique_ptr<BoundKernel>> Bind(KernelArguments arguments) const override {
    return std::unique_ptr<BoundKernel>(
        std::make_unique<BoundFunction>(run_, std::move(arguments)));
  }

 private:
  const std::string implementation_;
  const std::shared_ptr<const RunFunction> run_;
  const int64_t scratchpad_bytes_;
  const std::optional<InPlace> in_place_;
};

}  // namespace

std::unique_ptr<Kernel> MakeFunctionKernel(FunctionKernelSpec spec) {
  return std::make_unique<FunctionKernel>(std::move(spec));
}

}  // namespace dnnd::engine
