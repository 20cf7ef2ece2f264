#include "engine/passes/fuse_activation.h"

#include <cfloat>
#include <cmath>
#include <optional>

#include "engine/ops/op_def.h"
#include "engine/passes/rewriter.h"

namespace dnnd::engine {
namespace {

using Kind = PostOp::Kind;

// A bound of Clip: `absent` when the node has none, nothing when it is not known yet.
std::optional<float> Bound(Rewriter& rewriter, const Node& node, size_t i, float absent) {
  if (i >= node.inputs.size() || node.inputs[i] == kNoValue) {
    return absent;
  }
  const Value& value = rewriter.value(node.inputs[i]);
  const Tensor* elements = value.constant.has_value() ? value.constant->in_memory() : nullptr;
  if (elements == nullptr || elements->type() != DataType::kFloat32 ||
      elements->num_elements() != 1) {
    return std::nullopt;
  }
  return *elements->data<float>();
}

// `node` as a post-op on its input 0.
std::optional<PostOp> AsPostOp(Rewriter& rewriter, const Node& node) {
  const Attributes& attributes = node.attributes;
  if (node.op == "Relu") {
    return PostOp{Kind::kRelu};
  }
  if (node.op == "LeakyRelu") {
    return PostOp{Kind::kRelu, attributes.Float("alpha", 0.01f)};
  }
  if (node.op == "Sigmoid") {
    return PostOp{Kind::kSigmoid};
  }
  if (node.op == "Tanh") {
    return PostOp{Kind::kTanh};
  }
  if (node.op == "Elu") {
    return PostOp{Kind::kElu, attributes.Float("alpha", 1.0f)};
  }
  if (node.op == "HardSwish") {
    return PostOp{Kind::kHardSwish};
  }
  if (node.op == "Gelu" && attributes.String("approximate", "none") == "none") {
    return PostOp{Kind::kGelu};
  }
  if (node.op == "Clip") {
    const std::optional<float> low = Bound(rewriter, node, 1, -FLT_MAX);
    const std::optional<float> high = Bound(rewriter, node, 2, FLT_MAX);
    if (low.has_value() && high.has_value()) {
      return PostOp{Kind::kClip, *low, *high};
    }
  }
  return std::nullopt;
}

// The node that may take `kind` as a post-op on `value`, or kNoNode.
NodeId Acceptor(Rewriter& rewriter, ValueId value, Kind kind) {
  const NodeId id = rewriter.producer(value);
  if (id == kNoNode || rewriter.is_constant(value) || rewriter.is_output(value) ||
      rewriter.value(value).type != DataType::kFloat32) {
    return kNoNode;
  }
  const Node& node = rewriter.node(id);
  const OpDef* row = FindOp(node.op);
  const bool accepts = row != nullptr && row->accepts_post_op != nullptr &&
                       node.outputs.size() == 1 && row->accepts_post_op(node, kind);
  return accepts ? id : kNoNode;
}

// x * gate(x), where `product` is the Mul: the gate's node and the post-op of both.
struct GatedProduct {
  NodeId gate = kNoNode;
  ValueId x = kNoValue;
  PostOp post_op{};
};

std::optional<GatedProduct> AsGatedProduct(Rewriter& rewriter, const Node& product) {
  if (product.op != "Mul" || product.inputs.size() != 2) {
    return std::nullopt;
  }
  for (int side = 0; side < 2; ++side) {
    GatedProduct found;
    found.x = product.inputs[side];
    const ValueId gated = product.inputs[1 - side];
    found.gate = rewriter.producer(gated);
    if (found.gate == kNoNode || found.x == gated || !rewriter.has_single_reader(gated) ||
        rewriter.uses(found.x) != 2) {
      continue;
    }
    const Node& gate = rewriter.node(found.gate);
    if (gate.inputs[0] != found.x || !gate.post_ops.empty()) {
      continue;
    }
    if (gate.op == "Sigmoid") {
      found.post_op = PostOp{Kind::kSwish, 1.0f};
      return found;
    }
    const bool sixth = std::fabs(gate.attributes.Float("alpha", 0.2f) - 1.0f / 6) < 1e-6f &&
                       gate.attributes.Float("beta", 0.5f) == 0.5f;
    if (gate.op == "HardSigmoid" && sixth) {
      found.post_op = PostOp{Kind::kHardSwish};
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<bool> FuseActivation(Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < rewriter.num_nodes(); ++id) {
    Node& node = rewriter.node(id);
    if (rewriter.removed(id) || node.inputs.empty() || node.inputs[0] == kNoValue) {
      continue;
    }
    if (const auto gated = AsGatedProduct(rewriter, node)) {
      const NodeId target = Acceptor(rewriter, gated->x, gated->post_op.kind);
      if (target != kNoNode) {
        rewriter.Remove(gated->gate);
        rewriter.node(target).post_ops.push_back(gated->post_op);
        rewriter.node(target).fused.push_back(rewriter.node(gated->gate).op);
        rewriter.FuseInto(target, id);
      }
      continue;
    }
    // The gate of a product waits for the product, which comes later in the order.
    const std::optional<PostOp> post_op = AsPostOp(rewriter, node);
    if (!post_op.has_value() || !node.post_ops.empty() ||
        !rewriter.has_single_reader(node.inputs[0])) {
      continue;
    }
    const NodeId target = Acceptor(rewriter, node.inputs[0], post_op->kind);
    if (target != kNoNode) {
      rewriter.node(target).post_ops.push_back(*post_op);
      rewriter.FuseInto(target, id);
    }
  }
  return rewriter.Finish();
}

}  // namespace dnnd::engine
