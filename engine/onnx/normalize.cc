#include "engine/onnx/normalize.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/ir/refused_nodes.h"
#include "engine/onnx/node_rewriter.h"
#include "engine/onnx/normalize_rules.h"

namespace dnnd::engine {
namespace {

absl::Status ApplyRules(NodeRewriter& rewriter, int opset) {
  for (const NormalizeRule& rule : NormalizeRules()) {
    if (rule.op == rewriter.node().op && opset < rule.below) {
      DNND_RETURN_IF_ERROR(Annotate(rule.apply(rewriter), Describe(rewriter.node())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status NormalizeOperators(Graph& graph, int opset) {
  NodeRewriter rewriter(graph);
  RefusedNodes refused;
  for (Node& node : graph.nodes) {
    rewriter.Begin(std::move(node));
    absl::Status status = ApplyRules(rewriter, opset);
    if (!status.ok() && !absl::IsUnimplemented(status)) {
      return status;
    }
    if (!status.ok()) {
      refused.Add(status.message());
    }
    rewriter.Keep();
  }
  rewriter.Finish();
  return refused.ToStatus();
}

}  // namespace dnnd::engine
