#include "engine/onnx/value_info.h"

#include <onnx/onnx_pb.h>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/element_type.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<SymbolicShape> ReadShape(const onnx::TensorShapeProto& proto) {
  if (proto.dim_size() > kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank is ", proto.dim_size(), ", wanted at most ", kMaxRank));
  }
  SymbolicShape shape;
  for (const onnx::TensorShapeProto::Dimension& dim : proto.dim()) {
    // Some exporters write -1 for an extent that is open.
    const bool known = dim.has_dim_value() && dim.dim_value() >= 0;
    shape.push_back(Dim{known ? dim.dim_value() : -1, dim.dim_param()});
  }
  return shape;
}

absl::Status ReadTensorType(const onnx::TypeProto::Tensor& proto, Value& value) {
  if (proto.elem_type() != onnx::TensorProto::UNDEFINED) {
    DNND_ASSIGN_OR_RETURN(value.type, FromOnnxType(proto.elem_type()));
  }
  if (proto.has_shape()) {
    DNND_ASSIGN_OR_RETURN(value.declared, ReadShape(proto.shape()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadValueInfo(const onnx::ValueInfoProto& info, Value& value) {
  if (value.constant.has_value() || info.type().value_case() == onnx::TypeProto::VALUE_NOT_SET) {
    return absl::OkStatus();
  }
  if (!info.type().has_tensor_type()) {
    return absl::UnimplementedError(
        absl::StrCat("\"", info.name(), "\" is no tensor, which is not supported"));
  }
  return Annotate(ReadTensorType(info.type().tensor_type(), value),
                  absl::StrCat("\"", info.name(), "\""));
}

}  // namespace dnnd::engine
