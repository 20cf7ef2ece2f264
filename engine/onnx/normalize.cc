#include "engine/onnx/normalize.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/node_rewriter.h"
#include "engine/onnx/normalize_rules.h"

namespace dnnd::engine {
namespace {

// How many refused nodes a message names.
constexpr int kMaxNamedNodes = 8;

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
  std::string refused;
  int num_refused = 0;
  for (Node& node : graph.nodes) {
    rewriter.Begin(std::move(node));
    absl::Status status = ApplyRules(rewriter, opset);
    if (!status.ok() && !absl::IsUnimplemented(status)) {
      return status;
    }
    if (!status.ok() && num_refused++ < kMaxNamedNodes) {
      absl::StrAppend(&refused, refused.empty() ? "" : "; ", std::string(status.message()));
    }
    rewriter.Keep();
  }
  rewriter.Finish();
  if (num_refused > kMaxNamedNodes) {
    absl::StrAppend(&refused, "; and ", num_refused - kMaxNamedNodes, " more");
  }
  return num_refused == 0 ? absl::OkStatus() : absl::UnimplementedError(refused);
}

}  // namespace dnnd::engine
