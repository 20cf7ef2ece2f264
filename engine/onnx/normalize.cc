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

// An input that is another value at each trip: its type stays, its extents need not.
void LendType(const NodeRewriter& rewriter, ValueId outside, Value& input) {
  if (outside != kNoValue && input.type == DataType::kUndefined) {
    input.type = rewriter.Type(outside);
  }
  if (input.declared.has_value()) {
    input.declared = SymbolicShape(input.declared->size());
  }
}

// How many inputs of a graph inside are not values of the graph around: those of a loop's body.
size_t CountOwnInputs(const Node& node) {
  return node.op == "Loop" ? 2 + static_cast<size_t>(node.attributes.Int("carried", 0)) : 0;
}

absl::Status NormalizeBranch(NodeRewriter& rewriter, const std::string& name, int opset) {
  Graph branch = *rewriter.attributes().Subgraph(name);
  const Node& node = rewriter.node();
  const size_t first = node.inputs.size() - branch.inputs.size();
  const size_t own = CountOwnInputs(node);
  for (size_t i = 0; i < branch.inputs.size(); ++i) {
    const auto lend = i < own ? &LendType : &LendFacts;
    lend(rewriter, node.inputs[first + i], branch.value(branch.inputs[i]));
  }
  DNND_RETURN_IF_ERROR(Annotate(NormalizeOperators(branch, opset), name));
  for (const ValueId input : branch.inputs) {
    branch.value(input).constant.reset();
    branch.value(input).shape.reset();
  }
  // The first result of a body says whether there is another trip.
  const size_t results = own > 0 ? 1 : 0;
  for (size_t i = 0; i + results < branch.outputs.size(); ++i) {
    if (rewriter.HasOutput(i)) {
      Value& output = rewriter.graph().value(node.outputs[i]);
      const DataType type = branch.value(branch.outputs[i + results]).type;
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
