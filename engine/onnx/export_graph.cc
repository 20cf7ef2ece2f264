#include "engine/onnx/export_graph.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/element_type.h"
#include "engine/onnx/export_node.h"
#include "engine/onnx/tensor_writer.h"

namespace dnnd::engine {
namespace {

void WriteValueInfo(const ExportScope& scope, ValueId id, onnx::ValueInfoProto& info) {
  const Value& value = scope.graph().value(id);
  info.set_name(scope.Name(id));
  if (value.type == DataType::kUndefined) {
    return;
  }
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(ToOnnxType(value.type));
  if (value.shape.has_value()) {
    type.mutable_shape();
    for (const int64_t dim : value.shape->dims()) {
      type.mutable_shape()->add_dim()->set_dim_value(dim);
    }
  } else if (value.declared.has_value()) {
    type.mutable_shape();
    for (const Dim& dim : *value.declared) {
      onnx::TensorShapeProto::Dimension& written = *type.mutable_shape()->add_dim();
      if (dim.known()) {
        written.set_dim_value(dim.value);
      } else if (!dim.symbol.empty()) {
        written.set_dim_param(dim.symbol);
      }
    }
  }
}

absl::Status ExportNodes(const ExportScope& scope, onnx::GraphProto& proto) {
  const Graph& graph = scope.graph();
  proto.set_name(graph.name.empty() ? "graph" : graph.name);
  for (const Node& node : graph.nodes) {
    DNND_RETURN_IF_ERROR(Annotate(ExportNode(scope, node, proto), Describe(node)));
    for (const ValueId output : node.outputs) {
      if (output != kNoValue && !graph.IsOutput(output) &&
          graph.value(output).type != DataType::kUndefined) {
        WriteValueInfo(scope, output, *proto.add_value_info());
      }
    }
  }
  return absl::OkStatus();
}

// ONNX Runtime takes no branch that hands out what it reads: an Identity lies between.
void ExportResult(const ExportScope& scope, ValueId id, onnx::GraphProto& proto) {
  const Graph& graph = scope.graph();
  onnx::ValueInfoProto& info = *proto.add_output();
  WriteValueInfo(scope, id, info);
  if (std::find(graph.inputs.begin(), graph.inputs.end(), id) == graph.inputs.end()) {
    return;
  }
  onnx::NodeProto& identity = *proto.add_node();
  identity.set_op_type("Identity");
  identity.add_input(scope.Name(id));
  info.set_name(scope.FreeName(absl::StrCat(scope.Name(id), "/result", proto.output_size())));
  identity.add_output(info.name());
}

}  // namespace

absl::Status ExportGraph(const ExportScope& scope, onnx::GraphProto& proto) {
  for (const ValueId input : scope.graph().inputs) {
    WriteValueInfo(scope, input, *proto.add_input());
  }
  for (const ValueId output : scope.graph().outputs) {
    WriteValueInfo(scope, output, *proto.add_output());
  }
  return ExportNodes(scope, proto);
}

absl::Status ExportBranch(const ExportScope& scope, onnx::GraphProto& proto) {
  DNND_RETURN_IF_ERROR(ExportNodes(scope, proto));
  for (const ValueId output : scope.graph().outputs) {
    ExportResult(scope, output, proto);
  }
  for (const ValueId id : ExportedConstants(scope.graph())) {
    DNND_ASSIGN_OR_RETURN(const Tensor tensor, scope.graph().value(id).constant->Materialize());
    onnx::TensorProto& initializer = *proto.add_initializer();
    WriteTensorHeader(scope.Name(id), tensor.tensor_type(), initializer);
    WriteTensorElements(tensor.view(), initializer);
  }
  return absl::OkStatus();
}

std::vector<ValueId> ExportedConstants(const Graph& graph) {
  std::vector<bool> used(graph.values.size(), false);
  for (const Node& node : graph.nodes) {
    for (const ValueId input : ExportedInputs(graph, node)) {
      if (input != kNoValue) {
        used[input] = true;
      }
    }
  }
  for (const ValueId output : graph.outputs) {
    used[output] = true;
  }
  std::vector<ValueId> constants;
  for (size_t id = 0; id < graph.values.size(); ++id) {
    if (used[id] && graph.values[id].constant.has_value()) {
      constants.push_back(static_cast<ValueId>(id));
    }
  }
  return constants;
}

}  // namespace dnnd::engine
