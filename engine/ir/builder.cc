#include "engine/ir/builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {

ValueId GraphBuilder::Input(std::string name, DataType type, SymbolicShape shape) {
  const ValueId id = graph_.AddValue(name, type, names_);
  graph_.value(id).declared = std::move(shape);
  graph_.inputs.push_back(id);
  return id;
}

ValueId GraphBuilder::Constant(std::string name, Tensor tensor) {
  return graph_.AddConstant(name, engine::Constant(std::move(tensor)), names_);
}

ValueId GraphBuilder::Op(std::string op, std::string name, std::vector<ValueId> inputs,
                         Attributes attributes) {
  const ValueId output = graph_.AddValue(name, DataType::kUndefined, names_);
  Node node;
  node.name = graph_.value(output).name;
  node.op = std::move(op);
  node.opset = opset_;
  node.attributes = std::move(attributes);
  node.inputs = std::move(inputs);
  node.outputs = {output};
  graph_.nodes.push_back(std::move(node));
  return output;
}

std::vector<ValueId> GraphBuilder::MultiOp(std::string op, std::string name,
                                           std::vector<ValueId> inputs, int num_outputs,
                                           Attributes attributes) {
  std::vector<ValueId> outputs;
  outputs.reserve(num_outputs);
  for (int i = 0; i < num_outputs; ++i) {
    outputs.push_back(graph_.AddValue(absl::StrCat(name, ".", i), DataType::kUndefined, names_));
  }
  Node node;
  node.name = std::move(name);
  node.op = std::move(op);
  node.opset = opset_;
  node.attributes = std::move(attributes);
  node.inputs = std::move(inputs);
  node.outputs = outputs;
  graph_.nodes.push_back(std::move(node));
  return outputs;
}

void GraphBuilder::Declare(ValueId id, DataType type, SymbolicShape shape) {
  graph_.value(id).type = type;
  graph_.value(id).declared = std::move(shape);
}

absl::StatusOr<Graph> GraphBuilder::Build() && {
  DNND_RETURN_IF_ERROR(VerifyGraph(graph_));
  return std::move(graph_);
}

}  // namespace dnnd::engine
