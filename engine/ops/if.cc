// If: one of two graphs inside the node. Where the condition is known beforehand, that graph takes
// the node's place when the graph around it is specialised.
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/condition.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<const Graph*> ChooseBranch(const Node& node, absl::Span<const Tensor> inputs) {
  DNND_ASSIGN_OR_RETURN(const bool condition, ReadCondition(inputs[0]));
  const absl::string_view name = condition ? "then_branch" : "else_branch";
  const Graph* branch = node.attributes.Subgraph(name);
  if (branch == nullptr || branch->inputs.size() + 1 != node.inputs.size() ||
      branch->outputs.size() != node.outputs.size()) {
    return absl::InvalidArgumentError(absl::StrCat("has no ", name, " of ", node.inputs.size() - 1,
                                                   " inputs and ", node.outputs.size(),
                                                   " results"));
  }
  return branch;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__If.html
extern const OpDef kIf = {.type = "If",
                          .min_inputs = 1,
                          .max_inputs = kVariadic,
                          .max_outputs = kVariadic,
                          .branch = ChooseBranch};

}  // namespace dnnd::engine
