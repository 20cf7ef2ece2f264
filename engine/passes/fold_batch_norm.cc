#include "engine/passes/fold_batch_norm.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/passes/rewriter.h"

namespace dnnd::engine {
namespace {

// y = (x - mean) * scale + shift by channel. For BatchNormalization `scale` is still to be divided
// by the deviation.
struct ChannelAffine {
  ValueId x = kNoValue;
  ValueId scale = kNoValue;
  ValueId shift = kNoValue;
  ValueId mean = kNoValue;
  ValueId variance = kNoValue;
};

// Whether `id` is a constant with one element, or with one for each channel of `x` (axis 1).
bool IsByChannel(Rewriter& rewriter, ValueId id, ValueId x) {
  if (id == kNoValue || !rewriter.is_constant(id) ||
      rewriter.value(id).type != DataType::kFloat32) {
    return false;
  }
  const Shape& shape = *rewriter.value(id).shape;
  const Shape& data = *rewriter.value(x).shape;
  if (shape.rank() > data.rank() || data.rank() < 2) {
    return false;
  }
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int data_axis = axis + data.rank() - shape.rank();
    if (shape[axis] != 1 && (data_axis != 1 || shape[axis] != data[1])) {
      return false;
    }
  }
  return true;
}

std::optional<ChannelAffine> AsBatchNorm(Rewriter& rewriter, const Node& node) {
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (!rewriter.is_constant(node.inputs[i])) {
      return std::nullopt;
    }
  }
  return ChannelAffine{node.inputs[0], node.inputs[1], node.inputs[2], node.inputs[3],
                       node.inputs[4]};
}

std::optional<ChannelAffine> AsAffine(Rewriter& rewriter, const Node& node) {
  if (node.op == "BatchNormalization" && node.inputs.size() == 5) {
    return AsBatchNorm(rewriter, node);
  }
  if (node.inputs.size() != 2 || !node.post_ops.empty()) {
    return std::nullopt;
  }
  for (int side = 0; side < 2; ++side) {
    ChannelAffine affine;
    affine.x = node.inputs[side];
    const ValueId parameter = node.inputs[1 - side];
    if (!IsByChannel(rewriter, parameter, affine.x)) {
      continue;
    }
    if (node.op == "Mul") {
      affine.scale = parameter;
    } else if (node.op == "Add") {
      affine.shift = parameter;
    } else if (node.op == "Sub" && side == 0) {
      affine.mean = parameter;
    } else {
      continue;
    }
    // The result has the shape of x: a constant of higher rank would have widened it.
    if (rewriter.value(affine.x).shape == rewriter.value(node.outputs[0]).shape) {
      return affine;
    }
  }
  return std::nullopt;
}

// The axis of the weights that runs over the output's channels; -1 when they cannot take a scale.
int ChannelAxis(Rewriter& rewriter, const Node& node) {
  const Attributes& attributes = node.attributes;
  if (node.op == "Conv") {
    return 0;
  }
  if (node.op == "ConvTranspose") {
    return attributes.Int("group", 1) == 1 ? 1 : -1;
  }
  if (node.op != "Gemm" || attributes.Float("alpha", 1) != 1 || attributes.Float("beta", 1) != 1) {
    return -1;
  }
  if (node.inputs.size() > 2 && node.inputs[2] != kNoValue) {
    const Shape& bias = *rewriter.value(node.inputs[2]).shape;
    const int64_t columns = (*rewriter.value(node.outputs[0]).shape)[1];
    // A bias that differs from row to row is none by channel.
    if (bias.num_elements() != 1 &&
        (bias.num_elements() != columns || bias[bias.rank() - 1] != columns)) {
      return -1;
    }
  }
  return attributes.Int("transB", 0) != 0 ? 0 : 1;
}

bool TakesAffine(Rewriter& rewriter, NodeId id, ValueId result) {
  if (id == kNoNode || !rewriter.has_single_reader(result) ||
      rewriter.value(result).type != DataType::kFloat32) {
    return false;
  }
  const Node& node = rewriter.node(id);
  const bool kind = node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm";
  return kind && node.post_ops.empty() && rewriter.is_constant(node.inputs[1]) &&
         !rewriter.is_constant(result) &&
         (node.inputs.size() < 3 || node.inputs[2] == kNoValue ||
          rewriter.is_constant(node.inputs[2])) &&
         ChannelAxis(rewriter, node) >= 0;
}

Node Recipe(const Node& of, const char* op, std::vector<ValueId> inputs) {
  Node node;
  node.name = absl::StrCat(of.name, ".", op);
  node.op = op;
  node.opset = of.opset;
  node.inputs = std::move(inputs);
  return node;
}

// Adds the recipes in front of node `id`, which takes their results for weights and bias.
void Fold(Rewriter& rewriter, NodeId id, ChannelAffine affine, float epsilon) {
  const auto name = [&](ValueId value) {
    return value == kNoValue ? std::string("0") : rewriter.value(value).name;
  };
  if (affine.variance != kNoValue) {
    Node recipe = Recipe(rewriter.node(id), "dnnd.ChannelScale", {affine.scale, affine.variance});
    recipe.attributes.Set("epsilon", epsilon);
    affine.scale =
        rewriter.AddBefore(id, std::move(recipe),
                           absl::StrCat(name(affine.scale), "/sqrt(", name(affine.variance), ")"),
                           rewriter.value(affine.scale).tensor_type());
  }
  const ValueId weights = rewriter.node(id).inputs[1];
  if (affine.scale != kNoValue) {
    Node recipe = Recipe(rewriter.node(id), "dnnd.ScaleChannels", {weights, affine.scale});
    recipe.attributes.Set("axis", int64_t{ChannelAxis(rewriter, rewriter.node(id))});
    rewriter.SetInput(id, 1,
                      rewriter.AddBefore(id, std::move(recipe),
                                         absl::StrCat(name(weights), "*", name(affine.scale)),
                                         rewriter.value(weights).tensor_type()));
  }
  const bool has_bias =
      rewriter.node(id).inputs.size() > 2 && rewriter.node(id).inputs[2] != kNoValue;
  const ValueId bias = has_bias ? rewriter.node(id).inputs[2] : kNoValue;
  if (!has_bias && affine.shift == kNoValue && affine.mean == kNoValue) {
    return;
  }
  const int64_t channels = (*rewriter.value(rewriter.node(id).outputs[0]).shape)[1];
  Node recipe = Recipe(rewriter.node(id), "dnnd.ChannelBias",
                       {bias, affine.scale, affine.shift, affine.mean});
  recipe.attributes.Set("channels", channels);
  const std::string folded = absl::StrCat("(", name(bias), "-", name(affine.mean), ")*",
                                          name(affine.scale), "+", name(affine.shift));
  rewriter.SetInput(id, 2,
                    rewriter.AddBefore(id, std::move(recipe), folded,
                                       TensorType{DataType::kFloat32, Shape({channels})}));
}

}  // namespace

absl::StatusOr<bool> FoldBatchNorm(Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < rewriter.num_nodes(); ++id) {
    if (rewriter.removed(id)) {
      continue;
    }
    const std::optional<ChannelAffine> affine = AsAffine(rewriter, rewriter.node(id));
    if (!affine.has_value()) {
      continue;
    }
    const NodeId producer = rewriter.producer(affine->x);
    if (!TakesAffine(rewriter, producer, affine->x)) {
      continue;
    }
    const float epsilon = rewriter.node(id).attributes.Float("epsilon", 1e-5f);
    // Down to the place of the affine node: its constants may be recipes that stand in between.
    rewriter.FuseDown(producer, id);
    Fold(rewriter, id, *affine, epsilon);
  }
  return rewriter.Finish();
}

}  // namespace dnnd::engine
