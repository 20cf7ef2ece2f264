#include "engine/exec/reference_kernel.h"

#include <string>
#include <utility>

namespace dnnd::engine {
namespace {

class BoundReference final : public BoundKernel {
 public:
  BoundReference(const Node& node, const OpDef& row, std::vector<TensorView> inputs,
                 std::vector<MutableTensorView> outputs)
      : node_(node), row_(row), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  absl::Status Run() override { return row_.reference(ReferenceContext(node_, inputs_, outputs_)); }

 private:
  const Node& node_;
  const OpDef& row_;
  const std::vector<TensorView> inputs_;
  const std::vector<MutableTensorView> outputs_;
};

class ReferenceKernel final : public Kernel {
 public:
  ReferenceKernel(const Node& node, const OpDef& row, std::vector<TensorType> inputs,
                  std::vector<TensorType> outputs)
      : node_(node), row_(row), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  const std::string& implementation() const override {
    static const std::string name = "reference";
    return name;
  }

  // The kernel outlives its bindings: the plan that holds it does.
  absl::StatusOr<std::unique_ptr<BoundKernel>> Bind(KernelArguments arguments) const override {
    std::vector<TensorView> inputs;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      inputs.emplace_back(inputs_[i], arguments.inputs[i]);
    }
    std::vector<MutableTensorView> outputs;
    for (size_t i = 0; i < outputs_.size(); ++i) {
      outputs.emplace_back(outputs_[i], arguments.outputs[i]);
    }
    return std::unique_ptr<BoundKernel>(
        std::make_unique<BoundReference>(node_, row_, std::move(inputs), std::move(outputs)));
  }

 private:
  const Node node_;
  const OpDef& row_;
  const std::vector<TensorType> inputs_;
  const std::vector<TensorType> outputs_;
};

}  // namespace

std::unique_ptr<Kernel> MakeReferenceKernel(const Node& node, const OpDef& row,
                                            std::vector<TensorType> inputs,
                                            std::vector<TensorType> outputs) {
  return std::make_unique<ReferenceKernel>(node, row, std::move(inputs), std::move(outputs));
}

}  // namespace dnnd::engine
