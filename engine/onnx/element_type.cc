#include "engine/onnx/element_type.h"

#include <onnx/onnx_pb.h>

#include "absl/strings/str_cat.h"

namespace dnnd::engine {
namespace {

struct Row {
  int onnx;
  DataType type;
};

constexpr Row kRows[] = {
    {onnx::TensorProto::FLOAT, DataType::kFloat32},
    {onnx::TensorProto::UINT8, DataType::kUint8},
    {onnx::TensorProto::INT8, DataType::kInt8},
    {onnx::TensorProto::UINT16, DataType::kUint16},
    {onnx::TensorProto::INT16, DataType::kInt16},
    {onnx::TensorProto::INT32, DataType::kInt32},
    {onnx::TensorProto::INT64, DataType::kInt64},
    {onnx::TensorProto::STRING, DataType::kString},
    {onnx::TensorProto::BOOL, DataType::kBool},
    {onnx::TensorProto::FLOAT16, DataType::kFloat16},
    {onnx::TensorProto::DOUBLE, DataType::kFloat64},
    {onnx::TensorProto::UINT32, DataType::kUint32},
    {onnx::TensorProto::UINT64, DataType::kUint64},
    {onnx::TensorProto::BFLOAT16, DataType::kBFloat16},
};

// The greatest number of ONNX 1.18 (FLOAT4E2M1).
constexpr int64_t kGreatestOnnxType = 23;

}  // namespace

absl::StatusOr<DataType> FromOnnxType(int64_t number) {
  for (const Row& row : kRows) {
    if (row.onnx == number) {
      return row.type;
    }
  }
  if (number < 1 || number > kGreatestOnnxType) {
    return absl::InvalidArgumentError(
        absl::StrCat("element type is ", number, ", which ONNX does not have"));
  }
  return absl::UnimplementedError(absl::StrCat("ONNX element type ", number, " is not supported"));
}

int ToOnnxType(DataType type) {
  for (const Row& row : kRows) {
    if (row.type == type) {
      return row.onnx;
    }
  }
  return onnx::TensorProto::UNDEFINED;
}

}  // namespace dnnd::engine
