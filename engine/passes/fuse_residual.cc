#include "engine/passes/fuse_residual.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/ops/op_def.h"
#include "engine/passes/rewriter.h"

namespace dnnd::engine {
namespace {

// Values that share memory, because views connect them.
class SharedMemory {
 public:
  explicit SharedMemory(const Graph& graph) : root_(graph.values.size()) {
    std::iota(root_.begin(), root_.end(), 0);
    for (const Node& node : graph.nodes) {
      const OpDef* row = FindOp(node.op);
      if (row != nullptr && row->view && node.outputs[0] != kNoValue) {
        root_[node.outputs[0]] = root_[node.inputs[0]];
      }
    }
    outside_.assign(graph.values.size(), false);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const OpDef* row = FindOp(graph.nodes[n].op);
      const bool view = row != nullptr && row->view;
      for (ValueId input : graph.nodes[n].inputs) {
        if (input != kNoValue && !view) {
          readers_.push_back({root_[input], static_cast<NodeId>(n)});
        }
      }
    }
    std::sort(readers_.begin(), readers_.end());
    for (ValueId id : graph.inputs) {
      outside_[root_[id]] = true;
    }
    for (ValueId id : graph.outputs) {
      outside_[root_[id]] = true;
    }
  }

  bool outside(ValueId id) const { return outside_[root_[id]]; }

  // Whether a node at or after `from` reads the memory of `id`, but for `except`.
  bool ReadFrom(ValueId id, NodeId from, NodeId except) const {
    auto it = std::lower_bound(readers_.begin(), readers_.end(), std::make_pair(root_[id], from));
    for (; it != readers_.end() && it->first == root_[id]; ++it) {
      if (it->second != except) {
        return true;
      }
    }
    return false;
  }

 private:
  std::vector<ValueId> root_;                        // by value
  std::vector<bool> outside_;                        // by root: an input or output of the graph
  std::vector<std::pair<ValueId, NodeId>> readers_;  // (root, node), sorted
};

// Whether the node `target` may add `other`, which the Add node `sum` does now.
bool MayTake(Rewriter& rewriter, const SharedMemory& memory, NodeId sum, ValueId result,
             ValueId other) {
  const NodeId target = rewriter.producer(result);
  if (target == kNoNode || !rewriter.has_single_reader(result) || rewriter.is_constant(result) ||
      rewriter.is_constant(other) || rewriter.value(result).type != DataType::kFloat32 ||
      rewriter.value(result).shape != rewriter.value(other).shape) {
    return false;
  }
  const Node& node = rewriter.node(target);
  const OpDef* row = FindOp(node.op);
  if (row == nullptr || row->accepts_post_op == nullptr || node.outputs.size() != 1 ||
      !row->accepts_post_op(node, PostOp::Kind::kSum)) {
    return false;
  }
  // `other` must exist when the target runs; a value without a producer is an input.
  const NodeId made = rewriter.producer(other);
  return made != kNoNode && made < target && !memory.outside(other) &&
         !memory.ReadFrom(other, target, sum);
}

}  // namespace

absl::StatusOr<bool> FuseResidual(Graph& graph) {
  const SharedMemory memory(graph);
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < rewriter.num_nodes(); ++id) {
    const Node& add = rewriter.node(id);
    const bool sums = (add.op == "Add" || add.op == "Sum") && add.inputs.size() == 2;
    if (!sums || !add.post_ops.empty() || add.inputs[0] == add.inputs[1]) {
      continue;
    }
    for (int side = 0; side < 2; ++side) {
      const ValueId result = add.inputs[side];
      const ValueId other = add.inputs[1 - side];
      if (!MayTake(rewriter, memory, id, result, other)) {
        continue;
      }
      const NodeId target = rewriter.producer(result);
      const size_t named = FindOp(rewriter.node(target).op)->max_inputs;
      const size_t operand = std::max(rewriter.node(target).inputs.size(), named);
      rewriter.SetInput(target, operand, other);
      PostOp sum{PostOp::Kind::kSum};
      sum.operand = static_cast<int>(operand);
      rewriter.node(target).post_ops.push_back(sum);
      rewriter.FuseInto(target, id);
      break;
    }
  }
  return rewriter.Finish();
}

}  // namespace dnnd::engine
