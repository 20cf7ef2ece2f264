#include "engine/onnx/normalize.h"

#include <memory>
#include <optional>
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

// Rules look at types, ranks and constants: for as long as they run, an input of a branch is what
// is known of the value that the node hands it.
void LendFacts(const NodeRewriter& rewriter, ValueId outside, Value& input) {
  const Value& value = rewriter.graph().value(outside);
  input.type = rewriter.Type(outside);
  input.constant = value.constant;
  input.shape = value.shape;
  if (const std::optional<int> rank = rewriter.Rank(outside); rank.has_value()) {
    input.declared = value.declared.value_or(SymbolicShape(*rank));
  }
}

absl::Status NormalizeBranch(NodeRewriter& rewriter, const std::string& name, int opset) {
  Graph branch = *rewriter.attributes().Subgraph(name);
  const size_t first = rewriter.node().inputs.size() - branch.inputs.size();
  for (size_t i = 0; i < branch.inputs.size(); ++i) {
    LendFacts(rewriter, rewriter.node().inputs[first + i], branch.value(branch.inputs[i]));
  }
  DNND_RETURN_IF_ERROR(Annotate(NormalizeOperators(branch, opset), name));
  for (const ValueId input : branch.inputs) {
    branch.value(input).constant.reset();
    branch.value(input).shape.reset();
  }
  for (size_t i = 0; i < branch.outputs.size(); ++i) {
    if (rewriter.HasOutput(i)) {
      Value& output = rewriter.graph().value(rewriter.node().outputs[i]);
      const DataType type = branch.value(branch.outputs[i]).type;
      output.type = output.type == DataType::kUndefined ? type : output.type;
    }
  }
  rewriter.attributes().Set(name, std::make_shared<const Graph>(std::move(branch)));
  return absl::OkStatus();
}

absl::Status NormalizeBranches(NodeRewriter& rewriter, int opset) {
  std::vector<std::string> names;
  for (const auto& [name, branch] : rewriter.attributes().Subgraphs()) {
    names.emplace_back(name);
  }
  for (const std::string& name : names) {
    DNND_RETURN_IF_ERROR(
        Annotate(NormalizeBranch(rewriter, name, opset), Describe(rewriter.node())));
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
    if (status.ok()) {
      status = NormalizeBranches(rewriter, opset);
    }
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
