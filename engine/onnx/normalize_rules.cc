#include "engine/onnx/normalize_rules.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/element_type.h"
#include "engine/onnx/import.h"

namespace dnnd::engine {
namespace {

constexpr int kEveryOpset = kMaxOpset + 1;

absl::Status AxesToInput(NodeRewriter& rewriter) {
  rewriter.IntsToInput("axes", 1);
  return absl::OkStatus();
}

absl::Status SplitToInput(NodeRewriter& rewriter) {
  rewriter.IntsToInput("split", 1);
  return absl::OkStatus();
}

absl::Status ShapeToInput(NodeRewriter& rewriter) {
  rewriter.IntsToInput("shape", 1);
  return absl::OkStatus();
}

absl::Status CountToInput(NodeRewriter& rewriter) {
  rewriter.IntsToInput("k", 1);
  return absl::OkStatus();
}

absl::Status LimitsToInputs(NodeRewriter& rewriter) {
  rewriter.FloatToInput("min", 1);
  rewriter.FloatToInput("max", 2);
  return absl::OkStatus();
}

absl::Status RangesToInputs(NodeRewriter& rewriter) {
  rewriter.IntsToInput("starts", 1);
  rewriter.IntsToInput("ends", 2);
  rewriter.IntsToInput("axes", 3);
  return absl::OkStatus();
}

absl::Status PadsToInputs(NodeRewriter& rewriter) {
  rewriter.IntsToInput("paddings", 1);  // opset 1
  rewriter.IntsToInput("pads", 1);
  rewriter.FloatToInput("value", 2);
  return absl::OkStatus();
}

// Opset 10 knew one way to place samples.
absl::Status AlignWithoutHalfPixel(NodeRewriter& rewriter) {
  rewriter.attributes().Set("coordinate_transformation_mode", std::string("output_half_pixel"));
  return absl::OkStatus();
}

// The name that Scatter had until opset 10.
absl::Status ScatterAlongAxis(NodeRewriter& rewriter) {
  rewriter.node().op = "ScatterElements";
  return absl::OkStatus();
}

// Opset 1 to 3: Concat without an axis joins channels.
absl::Status ChannelAxis(NodeRewriter& rewriter) {
  rewriter.attributes().Set("axis", rewriter.attributes().Int("axis", 1));
  return absl::OkStatus();
}

absl::Status FlattenAtAxis(NodeRewriter& rewriter) {
  rewriter.attributes().Set("axis", rewriter.attributes().Int("axis", 1));
  rewriter.attributes().Set("coerce_2d", int64_t{1});
  return absl::OkStatus();
}

absl::Status CastNumber(NodeRewriter& rewriter) {
  Attributes& attributes = rewriter.attributes();
  int64_t number = attributes.Int("to", 0);
  if (const std::string name = attributes.String("to", ""); !name.empty()) {
    onnx::TensorProto::DataType parsed;
    if (!onnx::TensorProto::DataType_Parse(name, &parsed)) {
      return absl::InvalidArgumentError(absl::StrCat("casts to \"", name, "\""));
    }
    number = parsed;
  }
  DNND_ASSIGN_OR_RETURN(const DataType type, FromOnnxType(number));
  attributes.Set("to", static_cast<int64_t>(type));
  return absl::OkStatus();
}

absl::Status EyeNumber(NodeRewriter& rewriter) {
  Attributes& attributes = rewriter.attributes();
  if (attributes.Has("dtype")) {
    DNND_ASSIGN_OR_RETURN(const DataType type, FromOnnxType(attributes.Int("dtype", 0)));
    attributes.Set("dtype", static_cast<int64_t>(type));
  }
  return absl::OkStatus();
}

absl::Status DropWithoutTraining(NodeRewriter& rewriter) {
  Node& node = rewriter.node();
  if (node.inputs.empty()) {
    return absl::InvalidArgumentError("has no input");
  }
  if (rewriter.HasInput(2)) {
    const Tensor* training = rewriter.KnownInput(2);
    if (training == nullptr || training->type() != DataType::kBool ||
        training->num_elements() != 1 || *training->data<bool>()) {
      return absl::UnimplementedError("training mode is not supported");
    }
  }
  if (rewriter.HasOutput(1)) {
    Tensor keep = Tensor::Of<bool>(Shape({1}), {true});
    const ValueId shape = rewriter.InsertBefore("Shape", {node.inputs[0]}, {}, DataType::kInt64);
    rewriter.InsertProducer("ConstantOfShape", {shape}, {{"value", Attribute(std::move(keep))}},
                            node.outputs[1]);
  }
  node.inputs.resize(1);
  node.outputs.resize(1);
  return absl::OkStatus();
}

absl::Status NormalizeWithoutTraining(NodeRewriter& rewriter) {
  if (rewriter.attributes().Int("spatial", 1) == 0) {
    return absl::UnimplementedError("spatial = 0 is not supported");
  }
  if (rewriter.attributes().Int("training_mode", 0) != 0) {
    return absl::UnimplementedError("training mode is not supported");
  }
  for (size_t i = 1; i < rewriter.node().outputs.size(); ++i) {
    if (rewriter.HasOutput(i)) {
      return absl::UnimplementedError("outputs of training are not supported");
    }
  }
  rewriter.node().outputs.resize(1);
  rewriter.attributes().Remove("spatial");
  rewriter.attributes().Remove("training_mode");
  return absl::OkStatus();
}

// Upsample of opsets 1 (two scales), 7 (scales as an attribute) and 9 (as an input), Resize of 10.
absl::Status AsymmetricResize(NodeRewriter& rewriter) {
  Node& node = rewriter.node();
  Attributes& attributes = rewriter.attributes();
  if (attributes.Has("height_scale") || attributes.Has("width_scale")) {
    attributes.Set("scales", std::vector<float>{1, 1, attributes.Float("height_scale", 1),
                                                attributes.Float("width_scale", 1)});
    attributes.Remove("height_scale");
    attributes.Remove("width_scale");
  }
  if (attributes.Has("scales")) {
    const std::vector<float> scales = attributes.Floats("scales");
    const Shape shape({static_cast<int64_t>(scales.size())});
    rewriter.SetInput(1, rewriter.AddConstant("scales", Tensor::Of<float>(shape, scales)));
    attributes.Remove("scales");
  }
  if (node.inputs.size() != 2 || !rewriter.HasInput(1)) {
    return absl::InvalidArgumentError("has no scales");
  }
  node.op = "Resize";
  node.inputs = {node.inputs[0], kNoValue, node.inputs[1]};
  if (attributes.String("mode", "nearest") == "bilinear") {
    attributes.Set("mode", std::string("linear"));
  }
  attributes.Set("coordinate_transformation_mode", std::string("asymmetric"));
  attributes.Set("nearest_mode", std::string("floor"));
  return absl::OkStatus();
}

// Opsets 11 and 12 pass void tensors for the arguments that do not count.
absl::Status AbsentIfVoid(NodeRewriter& rewriter) {
  for (size_t i = 1; i < rewriter.node().inputs.size(); ++i) {
    const Tensor* known = rewriter.KnownInput(i);
    if (known != nullptr && known->num_elements() == 0) {
      rewriter.node().inputs[i] = kNoValue;
    }
  }
  return absl::OkStatus();
}

// Appends `count` extents of one to input 1.
void AppendOnes(NodeRewriter& rewriter, int rank, int count) {
  std::vector<int64_t> axes(count);
  for (int i = 0; i < count; ++i) {
    axes[i] = rank + i;
  }
  const ValueId operand = rewriter.node().inputs[1];
  const ValueId axes_id = rewriter.AddConstant("axes", Tensor::Int64s(axes));
  rewriter.node().inputs[1] =
      rewriter.InsertBefore("Unsqueeze", {operand, axes_id}, {}, rewriter.Type(operand));
}

// Before opset 7 the second operand lay along the axes of the first that start at `axis`.
absl::Status AlignAtAxis(NodeRewriter& rewriter) {
  const int64_t axis = rewriter.attributes().Int("axis", INT64_MAX);
  const bool broadcast = rewriter.attributes().Int("broadcast", 0) != 0;
  rewriter.attributes().Remove("axis");
  rewriter.attributes().Remove("broadcast");
  if (!broadcast || axis == INT64_MAX) {
    return absl::OkStatus();  // equal shapes, or aligned at the end as now
  }
  if (!rewriter.HasInput(0) || !rewriter.HasInput(1)) {
    return absl::InvalidArgumentError("wanted two inputs");
  }
  const std::optional<int> whole = rewriter.Rank(rewriter.node().inputs[0]);
  const std::optional<int> part = rewriter.Rank(rewriter.node().inputs[1]);
  if (!whole.has_value() || !part.has_value()) {
    return absl::UnimplementedError("broadcasts along an axis of a tensor of unknown rank");
  }
  const int64_t first = axis < 0 ? axis + *whole : axis;
  if (first < 0 || first > *whole - *part) {
    return absl::InvalidArgumentError(absl::StrCat("axis is ", axis, " for an operand of rank ",
                                                   *part, " and one of rank ", *whole));
  }
  if (const int ones = static_cast<int>(*whole - *part - first); ones > 0) {
    AppendOnes(rewriter, *part, ones);
  }
  return absl::OkStatus();
}

// Before opset 7 a slope had one element for each channel, whatever the rank.
absl::Status SlopeByChannel(NodeRewriter& rewriter) {
  if (!rewriter.HasInput(0) || !rewriter.HasInput(1)) {
    return absl::InvalidArgumentError("wanted two inputs");
  }
  const std::optional<int> whole = rewriter.Rank(rewriter.node().inputs[0]);
  const std::optional<int> slope = rewriter.Rank(rewriter.node().inputs[1]);
  const Value& value = rewriter.graph().value(rewriter.node().inputs[1]);
  if (value.shape.has_value() && value.shape->num_elements() == 1) {
    return absl::OkStatus();
  }
  if (!whole.has_value() || !slope.has_value()) {
    return absl::UnimplementedError("applies slopes to a tensor of unknown rank");
  }
  if (*slope == 1 && *whole > 2) {
    AppendOnes(rewriter, 1, *whole - 2);
  }
  return absl::OkStatus();
}

constexpr NormalizeRule kRules[] = {
    {"Add", 7, &AlignAtAxis},
    {"And", 7, &AlignAtAxis},
    {"BatchNormalization", kEveryOpset, &NormalizeWithoutTraining},
    {"Cast", kEveryOpset, &CastNumber},
    {"Clip", 11, &LimitsToInputs},
    {"Concat", 4, &ChannelAxis},
    {"Div", 7, &AlignAtAxis},
    {"Dropout", kEveryOpset, &DropWithoutTraining},
    {"Equal", 7, &AlignAtAxis},
    {"EyeLike", kEveryOpset, &EyeNumber},
    {"Greater", 7, &AlignAtAxis},
    {"Hardmax", 13, &FlattenAtAxis},
    {"Less", 7, &AlignAtAxis},
    {"LogSoftmax", 13, &FlattenAtAxis},
    {"Mul", 7, &AlignAtAxis},
    {"Or", 7, &AlignAtAxis},
    {"PRelu", 7, &SlopeByChannel},
    {"Pad", 11, &PadsToInputs},
    {"Pow", 7, &AlignAtAxis},
    {"ReduceL1", 18, &AxesToInput},
    {"ReduceL2", 18, &AxesToInput},
    {"ReduceLogSum", 18, &AxesToInput},
    {"ReduceLogSumExp", 18, &AxesToInput},
    {"ReduceMax", 18, &AxesToInput},
    {"ReduceMean", 18, &AxesToInput},
    {"ReduceMin", 18, &AxesToInput},
    {"ReduceProd", 18, &AxesToInput},
    {"ReduceSum", 13, &AxesToInput},
    {"ReduceSumSquare", 18, &AxesToInput},
    {"Reshape", 5, &ShapeToInput},
    {"Resize", kEveryOpset, &AbsentIfVoid},
    {"Resize", 11, &AsymmetricResize},
    {"RoiAlign", 16, &AlignWithoutHalfPixel},
    {"Scatter", kEveryOpset, &ScatterAlongAxis},
    {"Slice", 10, &RangesToInputs},
    {"Softmax", 13, &FlattenAtAxis},
    {"Split", 13, &SplitToInput},
    {"Squeeze", 13, &AxesToInput},
    {"Sub", 7, &AlignAtAxis},
    {"TopK", 10, &CountToInput},
    {"Unsqueeze", 13, &AxesToInput},
    {"Upsample", kEveryOpset, &AsymmetricResize},
    {"Xor", 7, &AlignAtAxis},
};

}  // namespace

absl::Span<const NormalizeRule> NormalizeRules() { return kRules; }

}  // namespace dnnd::engine
