#include "engine/onnx/attribute_reader.h"

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

using onnx::AttributeProto;

// Operators agree on what a name means, but for the exceptions below. Names that are not here are
// taken as they come: operators that the engine does not have never see them.
struct AttributeType {
  absl::string_view name;
  int type;
};
constexpr AttributeType kTypes[] = {
    {"allowzero", AttributeProto::INT},
    {"alpha", AttributeProto::FLOAT},
    {"antialias", AttributeProto::INT},
    {"approximate", AttributeProto::STRING},
    {"auto_pad", AttributeProto::STRING},
    {"axes", AttributeProto::INTS},
    {"axis", AttributeProto::INT},
    {"batch_axis", AttributeProto::INT},
    {"batch_dims", AttributeProto::INT},
    {"beta", AttributeProto::FLOAT},
    {"bias", AttributeProto::FLOAT},
    {"blocksize", AttributeProto::INT},
    {"body", AttributeProto::GRAPH},
    {"broadcast", AttributeProto::INT},
    {"ceil_mode", AttributeProto::INT},
    {"center_point_box", AttributeProto::INT},
    {"coordinate_transformation_mode", AttributeProto::STRING},
    {"count_include_pad", AttributeProto::INT},
    {"cubic_coeff_a", AttributeProto::FLOAT},
    {"detect_negative", AttributeProto::INT},
    {"detect_positive", AttributeProto::INT},
    {"dilations", AttributeProto::INTS},
    {"dtype", AttributeProto::INT},
    {"else_branch", AttributeProto::GRAPH},
    {"end", AttributeProto::INT},
    {"ends", AttributeProto::INTS},
    {"epsilon", AttributeProto::FLOAT},
    {"exclude_outside", AttributeProto::INT},
    {"exclusive", AttributeProto::INT},
    {"extrapolation_value", AttributeProto::FLOAT},
    {"group", AttributeProto::INT},
    {"height_scale", AttributeProto::FLOAT},
    {"k", AttributeProto::INT},
    {"keep_aspect_ratio_policy", AttributeProto::STRING},
    {"keepdims", AttributeProto::INT},
    {"kernel_shape", AttributeProto::INTS},
    {"largest", AttributeProto::INT},
    {"max", AttributeProto::FLOAT},
    {"min", AttributeProto::FLOAT},
    {"mode", AttributeProto::STRING},
    {"momentum", AttributeProto::FLOAT},
    {"nearest_mode", AttributeProto::STRING},
    {"noop_with_empty_axes", AttributeProto::INT},
    {"num_outputs", AttributeProto::INT},
    {"output_height", AttributeProto::INT},
    {"output_padding", AttributeProto::INTS},
    {"output_shape", AttributeProto::INTS},
    {"output_width", AttributeProto::INT},
    {"p", AttributeProto::INT},
    {"paddings", AttributeProto::INTS},
    {"pads", AttributeProto::INTS},
    {"perm", AttributeProto::INTS},
    {"ratio", AttributeProto::FLOAT},
    {"reduction", AttributeProto::STRING},
    {"reverse", AttributeProto::INT},
    {"sampling_ratio", AttributeProto::INT},
    {"scales", AttributeProto::FLOATS},
    {"select_last_index", AttributeProto::INT},
    {"size", AttributeProto::INT},
    {"sorted", AttributeProto::INT},
    {"spatial", AttributeProto::INT},
    {"spatial_scale", AttributeProto::FLOAT},
    {"split", AttributeProto::INTS},
    {"start", AttributeProto::INT},
    {"starts", AttributeProto::INTS},
    {"storage_order", AttributeProto::INT},
    {"strides", AttributeProto::INTS},
    {"then_branch", AttributeProto::GRAPH},
    {"time_axis", AttributeProto::INT},
    {"to", AttributeProto::INT},
    {"training_mode", AttributeProto::INT},
    {"transA", AttributeProto::INT},
    {"transB", AttributeProto::INT},
    {"upper", AttributeProto::INT},
    {"value", AttributeProto::TENSOR},
    {"width_scale", AttributeProto::FLOAT},
};

struct Exception {
  absl::string_view op;
  absl::string_view name;
  int type;
};
constexpr Exception kExceptions[] = {
    {"Cast", "to", AttributeProto::STRING},   // before opset 6
    {"Pad", "value", AttributeProto::FLOAT},  // before opset 11
    {"GlobalLpPool", "p", AttributeProto::FLOAT},
    {"LpPool", "p", AttributeProto::FLOAT},  // before opset 2
};

bool TypeFits(absl::string_view op, absl::string_view name, int type) {
  static const auto* by_name = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, int>;
    for (const AttributeType& row : kTypes) {
      map->emplace(row.name, row.type);
    }
    return map;
  }();
  for (const Exception& exception : kExceptions) {
    if (exception.op == op && exception.name == name && exception.type == type) {
      return true;
    }
  }
  const auto found = by_name->find(name);
  return found == by_name->end() || found->second == type;
}

// Files of the first IR version do not say which field of an attribute counts.
int TypeOf(const AttributeProto& attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED) {
    return attribute.type();
  }
  if (attribute.has_f()) return AttributeProto::FLOAT;
  if (attribute.has_i()) return AttributeProto::INT;
  if (attribute.has_s()) return AttributeProto::STRING;
  if (attribute.has_t()) return AttributeProto::TENSOR;
  if (attribute.has_g()) return AttributeProto::GRAPH;
  if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
  if (attribute.ints_size() > 0) return AttributeProto::INTS;
  if (attribute.strings_size() > 0) return AttributeProto::STRINGS;
  return AttributeProto::UNDEFINED;
}

bool IsSubgraph(const onnx::NodeProto& node, const AttributeProto& attribute) {
  if (TypeOf(attribute) != AttributeProto::GRAPH) {
    return false;
  }
  const std::string& name = attribute.name();
  return (node.op_type() == "If" && (name == "then_branch" || name == "else_branch")) ||
         (node.op_type() == "Loop" && name == "body");
}

absl::StatusOr<Constant> ReadTensor(const NodeSource& source, int index) {
  const auto found = source.skeleton.attributes.find(std::pair(source.index, index));
  return source.reader.Read(
      source.node.attribute(index).t(),
      found == source.skeleton.attributes.end() ? std::nullopt : std::optional(found->second));
}

template <typename T, typename Field>
std::vector<T> ToVector(const Field& field) {
  return std::vector<T>(field.begin(), field.end());
}

absl::StatusOr<Attribute> ReadAttribute(const NodeSource& source, int index) {
  const AttributeProto& attribute = source.node.attribute(index);
  if (!attribute.ref_attr_name().empty()) {
    return absl::InvalidArgumentError("refers to an attribute of a function outside of one");
  }
  const int type = TypeOf(attribute);
  if (!TypeFits(source.node.op_type(), attribute.name(), type)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has type ",
        AttributeProto::AttributeType_Name(static_cast<AttributeProto::AttributeType>(type)),
        ", which is not the one that ONNX gives it"));
  }
  switch (type) {
    case AttributeProto::FLOAT:
      return Attribute(attribute.f());
    case AttributeProto::INT:
      return Attribute(static_cast<int64_t>(attribute.i()));
    case AttributeProto::STRING:
      return Attribute(attribute.s());
    case AttributeProto::FLOATS:
      return Attribute(ToVector<float>(attribute.floats()));
    case AttributeProto::INTS:
      return Attribute(ToVector<int64_t>(attribute.ints()));
    case AttributeProto::STRINGS:
      return Attribute(ToVector<std::string>(attribute.strings()));
    case AttributeProto::TENSOR: {
      DNND_ASSIGN_OR_RETURN(const Constant constant, ReadTensor(source, index));
      DNND_ASSIGN_OR_RETURN(Tensor tensor, constant.Materialize());
      return Attribute(std::move(tensor));
    }
    case AttributeProto::GRAPH:
    case AttributeProto::GRAPHS:
      return absl::UnimplementedError("subgraphs are not supported but for those of If and Loop");
    case AttributeProto::SPARSE_TENSOR:
    case AttributeProto::SPARSE_TENSORS:
      return absl::UnimplementedError("sparse tensors are not supported");
    default:
      return absl::UnimplementedError(absl::StrCat("attribute type ", type, " is not supported"));
  }
}

template <typename T>
Constant Scalar(T value) {
  return Constant(Tensor::Scalar<T>(std::move(value)));
}

template <typename T, typename Field>
absl::StatusOr<Constant> Vector(const Field& field) {
  DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(DataTypeOf<T>::value, Shape({field.size()})));
  std::copy(field.begin(), field.end(), tensor.mutable_data<T>());
  return Constant(std::move(tensor));
}

}  // namespace

absl::StatusOr<Attributes> ReadAttributes(const NodeSource& source) {
  Attributes attributes;
  absl::flat_hash_set<std::string> names;
  for (int i = 0; i < source.node.attribute_size(); ++i) {
    const std::string& name = source.node.attribute(i).name();
    if (!names.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrCat("attribute \"", name, "\" stands twice"));
    }
    if (IsSubgraph(source.node, source.node.attribute(i))) {
      continue;
    }
    absl::StatusOr<Attribute> value = ReadAttribute(source, i);
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("attribute \"", name, "\""));
    }
    attributes.Set(name, *std::move(value));
  }
  return attributes;
}

onnx::GraphProto* FindSubgraph(onnx::NodeProto& node, absl::string_view name) {
  for (AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.name() == name && IsSubgraph(node, attribute)) {
      return attribute.mutable_g();
    }
  }
  return nullptr;
}

absl::StatusOr<Constant> ReadConstantNode(const NodeSource& source) {
  if (source.node.attribute_size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", source.node.attribute_size(), " attributes, wanted one value"));
  }
  const AttributeProto& attribute = source.node.attribute(0);
  const std::string& name = attribute.name();
  if (name == "value") {
    return ReadTensor(source, 0);
  }
  if (name == "value_int") {
    return Scalar<int64_t>(attribute.i());
  }
  if (name == "value_float") {
    return Scalar<float>(attribute.f());
  }
  if (name == "value_string") {
    return Scalar<std::string>(attribute.s());
  }
  if (name == "value_ints") {
    return Vector<int64_t>(attribute.ints());
  }
  if (name == "value_floats") {
    return Vector<float>(attribute.floats());
  }
  if (name == "value_strings") {
    return Vector<std::string>(attribute.strings());
  }
  return absl::UnimplementedError(absl::StrCat("attribute \"", name, "\" is not supported"));
}

}  // namespace dnnd::engine
