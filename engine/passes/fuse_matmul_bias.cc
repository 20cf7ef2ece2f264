#include "engine/passes/fuse_matmul_bias.h"

#include "engine/passes/rewriter.h"

namespace dnnd::engine {
namespace {

bool IsMatrixProduct(Rewriter& rewriter, NodeId id, ValueId result) {
  if (id == kNoNode || rewriter.node(id).op != "MatMul" || !rewriter.node(id).post_ops.empty() ||
      !rewriter.has_single_reader(result)) {
    return false;
  }
  const Node& node = rewriter.node(id);
  return rewriter.value(node.inputs[0]).shape->rank() == 2 &&
         rewriter.value(node.inputs[1]).shape->rank() == 2;
}

bool IsRow(Rewriter& rewriter, ValueId id, int64_t columns) {
  const Shape& shape = *rewriter.value(id).shape;
  return rewriter.is_constant(id) && shape.rank() >= 1 && shape.rank() <= 2 &&
         shape.num_elements() == columns && shape[shape.rank() - 1] == columns;
}

}  // namespace

absl::StatusOr<bool> FuseMatMulBias(Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < rewriter.num_nodes(); ++id) {
    const Node& add = rewriter.node(id);
    if (rewriter.removed(id) || add.op != "Add" || !add.post_ops.empty()) {
      continue;
    }
    for (int side = 0; side < 2; ++side) {
      const ValueId product = add.inputs[side];
      const ValueId row = add.inputs[1 - side];
      const NodeId producer = rewriter.producer(product);
      if (!IsMatrixProduct(rewriter, producer, product) ||
          !IsRow(rewriter, row, (*rewriter.value(product).shape)[1])) {
        continue;
      }
      // Down to the place of the Add: the row may be a recipe that stands in between.
      rewriter.FuseDown(producer, id);
      rewriter.SetInput(id, 2, row);
      rewriter.node(id).op = "Gemm";
      break;
    }
  }
  return rewriter.Finish();
}

}  // namespace dnnd::engine
