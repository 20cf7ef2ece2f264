#include "engine/passes/pass_manager.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/passes/common_subexpression.h"
#include "engine/passes/eliminate_identity.h"
#include "engine/passes/fold_batch_norm.h"
#include "engine/passes/fuse_activation.h"
#include "engine/passes/fuse_matmul_bias.h"
#include "engine/passes/fuse_pad.h"
#include "engine/passes/fuse_residual.h"
#include "engine/passes/widen_float16.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<bool> RemoveDead(Graph& graph) { return RemoveDeadNodes(graph); }

}  // namespace

absl::Span<const Pass> PassesOfTheWhole() {
  static constexpr Pass kPasses[] = {{"widen_float16", WidenFloat16}};
  return kPasses;
}

absl::Span<const Pass> DefaultPasses() {
  static constexpr Pass kPasses[] = {
      {"eliminate_identity", EliminateIdentity},
      {"common_subexpression", CommonSubexpression},
      {"fuse_pad", FusePad},
      {"fuse_matmul_bias", FuseMatMulBias},
      {"fold_batch_norm", FoldBatchNorm},
      // Before the sum for conv-relu-add, and after it for conv-add-relu.
      {"fuse_activation", FuseActivation},
      {"fuse_residual", FuseResidual},
      {"fuse_activation_after_sum", FuseActivation},
      {"remove_dead_nodes", RemoveDead},
  };
  return kPasses;
}

absl::Status RunPasses(Graph& graph, absl::Span<const Pass> passes) {
  for (const Pass& pass : passes) {
    const absl::StatusOr<bool> changed = pass.run(graph);
    const absl::Status status =
        changed.ok() && *changed ? VerifyGraph(graph) : absl::Status(changed.status());
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("pass ", pass.name));
    }
  }
  return absl::OkStatus();
}

absl::Status OptimizeGraph(Graph& graph) { return RunPasses(graph, DefaultPasses()); }

}  // namespace dnnd::engine
