#include "engine/passes/pass_manager.h"

#include <algorithm>

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

absl::Status CheckNames(absl::Span<const Pass> passes, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    if (std::none_of(passes.begin(), passes.end(),
                     [&](const Pass& pass) { return pass.name == name; })) {
      return absl::InvalidArgumentError(absl::StrCat("no pass is named \"", name, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const Pass> DefaultPasses() {
  static constexpr Pass kPasses[] = {
      {"widen_float16", WidenFloat16},
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

absl::StatusOr<std::vector<PassReport>> RunPasses(Graph& graph, absl::Span<const Pass> passes,
                                                  const PassOptions& options) {
  DNND_RETURN_IF_ERROR(CheckNames(passes, options.skip));
  std::vector<PassReport> reports;
  for (const Pass& pass : passes) {
    if (options.skip.count(std::string(pass.name)) > 0) {
      continue;
    }
    const absl::Time start = options.clock->Now();
    absl::StatusOr<bool> changed = pass.run(graph);
    if (changed.ok() && *changed) {
      if (absl::Status status = VerifyGraph(graph); !status.ok()) {
        changed = status;
      }
    }
    if (!changed.ok()) {
      return Annotate(changed.status(), absl::StrCat("pass ", pass.name));
    }
    if (*changed && options.dump) {
      options.dump(pass.name, graph);
    }
    reports.push_back({std::string(pass.name), *changed, options.clock->Now() - start});
  }
  return reports;
}

absl::Status OptimizeGraph(Graph& graph) {
  return RunPasses(graph, DefaultPasses(), PassOptions()).status();
}

}  // namespace dnnd::engine
