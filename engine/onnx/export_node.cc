#include "engine/onnx/export_node.h"

#include <onnx/onnx_pb.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/element_type.h"
#include "engine/onnx/export_graph.h"
#include "engine/onnx/op_names.h"
#include "engine/onnx/tensor_writer.h"

namespace dnnd::engine {
namespace {

// Reductions whose axes became an input in opset 18.
constexpr absl::string_view kAxesAttribute[] = {"ReduceL1",        "ReduceL2",   "ReduceLogSum",
                                                "ReduceLogSumExp", "ReduceMax",  "ReduceMean",
                                                "ReduceMin",       "ReduceProd", "ReduceSumSquare"};

// Of opsets 18 to 21.
constexpr absl::string_view kNewer[] = {"CenterCropPad", "Col2Im", "Gelu", "Mish"};

struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    proto.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    proto.mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(onnx::AttributeProto::STRINGS);
    for (const std::string& value : values) {
      proto.add_strings(value);
    }
  }
  void operator()(const Tensor& tensor) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    WriteTensorHeader("", tensor.tensor_type(), *proto.mutable_t());
    WriteTensorElements(tensor.view(), *proto.mutable_t());
  }
  // Its elements are ExportBranch's to write, which may fail.
  void operator()(const std::shared_ptr<const Graph>&) const {
    proto.set_type(onnx::AttributeProto::GRAPH);
  }
};

onnx::AttributeProto& AddAttribute(const std::string& name, const Attribute& value,
                                   onnx::NodeProto& proto) {
  onnx::AttributeProto& written = *proto.add_attribute();
  written.set_name(name);
  std::visit(AttributeWriter{written}, value);
  return written;
}

onnx::NodeProto& AddNode(const std::string& name, const std::string& op,
                         const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs, onnx::GraphProto& proto) {
  onnx::NodeProto& node = *proto.add_node();
  node.set_name(name);
  node.set_op_type(op);
  for (const std::string& input : inputs) {
    node.add_input(input);
  }
  for (const std::string& output : outputs) {
    node.add_output(output);
  }
  return node;
}

std::optional<int> RankOf(const Value& value) {
  if (value.shape.has_value()) {
    return value.shape->rank();
  }
  return value.declared.has_value() ? std::optional<int>(value.declared->size()) : std::nullopt;
}

// Softmax over all axes from `axis` on, which opset 13 did away with: flatten, softmax, reshape.
void ExportFlattened(const ExportScope& scope, const Node& node, onnx::GraphProto& proto) {
  const std::string& input = scope.Name(node.inputs[0]);
  const std::string& output = scope.Name(node.outputs[0]);
  const std::string shape = scope.FreeName(absl::StrCat(output, "/shape"));
  const std::string flat = scope.FreeName(absl::StrCat(output, "/flat"));
  const std::string result = scope.FreeName(absl::StrCat(output, "/result"));
  AddNode(absl::StrCat(node.name, "/Shape"), "Shape", {input}, {shape}, proto);
  onnx::NodeProto& flatten =
      AddNode(absl::StrCat(node.name, "/Flatten"), "Flatten", {input}, {flat}, proto);
  AddAttribute("axis", node.attributes.Int("axis", 1), flatten);
  onnx::NodeProto& softmax = AddNode(node.name, node.op, {flat}, {result}, proto);
  AddAttribute("axis", int64_t{-1}, softmax);
  AddNode(absl::StrCat(node.name, "/Reshape"), "Reshape", {result, shape}, {output}, proto);
}

absl::Status CheckExpressible(const Graph& graph, const Node& node) {
  if (!node.post_ops.empty()) {
    return absl::InternalError("has post-ops: only graphs before fusion are exported");
  }
  if (Contains(kNewer, node.op)) {
    return absl::UnimplementedError("opset 17 does not have it");
  }
  if (Contains(kAxesAttribute, node.op) && node.inputs.size() > 1 &&
      ExportedInputs(graph, node).size() > 1) {
    return absl::UnimplementedError("axes that are computed need opset 18");
  }
  if (Contains(kAxesAttribute, node.op) && node.attributes.Int("noop_with_empty_axes", 0) != 0) {
    return absl::UnimplementedError("noop_with_empty_axes needs opset 18");
  }
  if (node.op == "Pad" && node.inputs.size() > 3) {
    return absl::UnimplementedError("axes of Pad need opset 18");
  }
  if (node.op == "Resize" &&
      (node.attributes.Has("axes") || node.attributes.Int("antialias", 0) != 0)) {
    return absl::UnimplementedError("this form of Resize needs opset 18");
  }
  if (node.op == "Loop") {
    return absl::UnimplementedError("loops are not written");
  }
  const std::string reduction = node.attributes.String("reduction", "");
  if (reduction == "max" || reduction == "min") {
    return absl::UnimplementedError(absl::StrCat("reduction = ", reduction, " needs opset 18"));
  }
  if (node.op == "Split" && node.attributes.Has("num_outputs") && node.inputs.size() < 2) {
    return absl::UnimplementedError("num_outputs of Split needs opset 18");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<ValueId> ExportedInputs(const Graph& graph, const Node& node) {
  std::vector<ValueId> inputs = node.inputs;
  if (Contains(kAxesAttribute, node.op) && inputs.size() == 2 &&
      (inputs[1] == kNoValue || (graph.value(inputs[1]).constant.has_value() &&
                                 graph.value(inputs[1]).constant->in_memory() != nullptr))) {
    inputs.pop_back();
  }
  return inputs;
}

absl::Status ExportNode(const ExportScope& scope, const Node& node, onnx::GraphProto& proto) {
  const Graph& graph = scope.graph();
  DNND_RETURN_IF_ERROR(CheckExpressible(graph, node));
  Attributes attributes = node.attributes;
  const bool flattened = attributes.Int("coerce_2d", 0) != 0;
  if (flattened) {
    const std::optional<int> rank = RankOf(graph.value(node.inputs[0]));
    const int64_t axis = attributes.Int("axis", 1);
    if (!rank.has_value() || (axis != -1 && axis != *rank - 1)) {
      ExportFlattened(scope, node, proto);
      return absl::OkStatus();
    }
    attributes.Remove("coerce_2d");
  }
  std::vector<std::string> inputs;
  for (const ValueId input : ExportedInputs(graph, node)) {
    inputs.push_back(scope.Name(input));
  }
  for (const auto& [name, branch] : attributes.Subgraphs()) {
    inputs.resize(node.inputs.size() - branch->inputs.size());  // a branch names what it reads
  }
  std::vector<std::string> outputs;
  for (const ValueId output : node.outputs) {
    outputs.push_back(scope.Name(output));
  }
  for (const char* name : {"to", "dtype"}) {  // of Cast and EyeLike
    if (attributes.Has(name)) {
      const auto type = static_cast<DataType>(attributes.Int(name, 0));
      attributes.Set(name, static_cast<int64_t>(ToOnnxType(type)));
    }
  }
  if (Contains(kAxesAttribute, node.op)) {
    attributes.Remove("noop_with_empty_axes");
  }
  if (Contains(kAxesAttribute, node.op) && inputs.size() < node.inputs.size() &&
      node.inputs.back() != kNoValue) {
    DNND_ASSIGN_OR_RETURN(const Dims axes,
                          ToInt64s(graph.value(node.inputs[1]).constant->in_memory()->view()));
    attributes.Set("axes", std::vector<int64_t>(axes.begin(), axes.end()));
  }
  onnx::NodeProto& written = AddNode(node.name, node.op, inputs, outputs, proto);
  for (const auto& [name, value] : attributes.entries()) {
    onnx::AttributeProto& attribute = AddAttribute(name, value, written);
    if (const Graph* branch = attributes.Subgraph(name); branch != nullptr) {
      DNND_RETURN_IF_ERROR(
          Annotate(ExportBranch(ExportScope(*branch, node, scope), *attribute.mutable_g()), name));
    }
  }
  return absl::OkStatus();
}

}  // namespace dnnd::engine
