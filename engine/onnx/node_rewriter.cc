#include "engine/onnx/node_rewriter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/onnx/op_names.h"

namespace dnnd::engine {
namespace {

// The result's rank is that of input 0.
constexpr absl::string_view kKeepsRank[] = {"Abs",
                                            "Add",
                                            "AveragePool",
                                            "BatchNormalization",
                                            "Clip",
                                            "Concat",
                                            "Conv",
                                            "ConvTranspose",
                                            "Div",
                                            "Dropout",
                                            "Elu",
                                            "Exp",
                                            "GlobalAveragePool",
                                            "GlobalMaxPool",
                                            "HardSigmoid",
                                            "Identity",
                                            "InstanceNormalization",
                                            "LRN",
                                            "LeakyRelu",
                                            "Log",
                                            "LogSoftmax",
                                            "LpNormalization",
                                            "Max",
                                            "MaxPool",
                                            "Min",
                                            "Mul",
                                            "Neg",
                                            "PRelu",
                                            "Pad",
                                            "Pow",
                                            "Relu",
                                            "Selu",
                                            "Sigmoid",
                                            "Slice",
                                            "Softmax",
                                            "Softplus",
                                            "Split",
                                            "Sqrt",
                                            "Sub",
                                            "Sum",
                                            "Tanh",
                                            "Transpose"};

// The result's elements are not of the type of input 0.
constexpr absl::string_view kChangesType[] = {
    "And",   "ArgMax", "ArgMin", "Cast", "ConstantOfShape",   "Equal",   "EyeLike", "Greater", "If",
    "IsInf", "IsNaN",  "Less",   "Loop", "NonMaxSuppression", "NonZero", "Not",     "OneHot",  "Or",
    "Shape", "Size",   "Xor"};

}  // namespace

NodeRewriter::NodeRewriter(Graph& graph) : graph_(graph), facts_(graph.values.size()) {
  for (const Value& value : graph.values) {
    names_.insert(value.name);
  }
}

void NodeRewriter::Keep() {
  Learn(node_);
  done_.push_back(std::move(node_));
}

void NodeRewriter::Finish() { graph_.nodes = std::move(done_); }

void NodeRewriter::SetInput(size_t i, ValueId value) {
  if (node_.inputs.size() <= i) {
    node_.inputs.resize(i + 1, kNoValue);
  }
  node_.inputs[i] = value;
}

std::string NodeRewriter::UniqueName(absl::string_view suffix) {
  const std::string wanted = absl::StrCat(node_.name, ".", suffix);
  std::string name = wanted;
  while (!names_.insert(name).second) {
    name = absl::StrCat(wanted, "#", ++next_suffix_);
  }
  return name;
}

ValueId NodeRewriter::AddConstant(absl::string_view suffix, Tensor tensor) {
  Value value;
  value.name = UniqueName(suffix);
  value.type = tensor.type();
  value.shape = tensor.shape();
  value.constant = Constant(std::move(tensor));
  graph_.values.push_back(std::move(value));
  facts_.emplace_back();
  return static_cast<ValueId>(graph_.values.size()) - 1;
}

ValueId NodeRewriter::InsertBefore(absl::string_view op, std::vector<ValueId> inputs,
                                   Attributes attributes, DataType type) {
  Value value;
  value.name = UniqueName(op);
  value.type = type;
  graph_.values.push_back(std::move(value));
  facts_.emplace_back();
  const auto output = static_cast<ValueId>(graph_.values.size()) - 1;
  InsertProducer(op, std::move(inputs), std::move(attributes), output);
  return output;
}

void NodeRewriter::InsertProducer(absl::string_view op, std::vector<ValueId> inputs,
                                  Attributes attributes, ValueId output) {
  Node added;
  added.name = absl::StrCat(node_.name, ".", op);
  added.op = std::string(op);
  added.opset = node_.opset;
  added.attributes = std::move(attributes);
  added.inputs = std::move(inputs);
  added.outputs = {output};
  done_.push_back(std::move(added));
}

void NodeRewriter::IntsToInput(absl::string_view name, size_t i) {
  if (!attributes().Has(name)) {
    return;
  }
  const std::vector<int64_t> values = attributes().Ints(name, {attributes().Int(name, 0)});
  SetInput(i, AddConstant(name, Tensor::Int64s(values)));
  attributes().Remove(name);
}

void NodeRewriter::FloatToInput(absl::string_view name, size_t i) {
  if (!attributes().Has(name)) {
    return;
  }
  const float value = attributes().Float(name, 0);
  Tensor scalar = Tensor::Scalar<float>(value);
  if (HasInput(0) && Type(node_.inputs[0]) == DataType::kFloat64) {
    scalar = Tensor::Scalar<double>(value);
  } else if (HasInput(0) && Type(node_.inputs[0]) == DataType::kFloat16) {
    scalar = Tensor::Create(DataType::kFloat16, Shape()).value();
    *scalar.mutable_data<uint16_t>() = FloatToHalf(value);
  }
  SetInput(i, AddConstant(name, std::move(scalar)));
  attributes().Remove(name);
}

const Tensor* NodeRewriter::KnownInput(size_t i) const {
  if (!HasInput(i) || !graph_.value(node_.inputs[i]).constant.has_value()) {
    return nullptr;
  }
  return graph_.value(node_.inputs[i]).constant->in_memory();
}

std::optional<int> NodeRewriter::Rank(ValueId id) const {
  const Value& value = graph_.value(id);
  if (value.shape.has_value()) {
    return value.shape->rank();
  }
  if (value.declared.has_value()) {
    return static_cast<int>(value.declared->size());
  }
  return facts_[id].rank;
}

DataType NodeRewriter::Type(ValueId id) const {
  return graph_.value(id).type != DataType::kUndefined ? graph_.value(id).type : facts_[id].type;
}

// Old models seldom declare what lies between their operators.
void NodeRewriter::Learn(const Node& node) {
  if (node.inputs.empty() || node.inputs[0] == kNoValue) {
    return;
  }
  Fact fact;
  if (!Contains(kChangesType, node.op)) {
    fact.type = Type(node.inputs[0]);
  }
  if (Contains(kKeepsRank, node.op)) {
    fact.rank = Rank(node.inputs[0]);
  } else if (node.op == "Gemm" || node.op == "Flatten") {
    fact.rank = 2;
  } else if (const Tensor* shape = KnownInput(1); node.op == "Reshape" && shape != nullptr) {
    fact.rank = static_cast<int>(shape->num_elements());
  }
  for (ValueId output : node.outputs) {
    if (output != kNoValue) {
      facts_[output] = fact;
    }
  }
}

}  // namespace dnnd::engine
