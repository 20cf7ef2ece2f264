// The element types of tensors, their sizes and names, and the 16-bit floating-point conversions.
#ifndef DNND_ENGINE_TENSOR_DATA_TYPE_H_
#define DNND_ENGINE_TENSOR_DATA_TYPE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace dnnd::engine {

// The values are our own; engine/onnx maps them to TensorProto.DataType.
enum class DataType : uint8_t {
  kUndefined,
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kBool,
  kString,  // elements are std::string; no fixed size
};

// Bytes of one element; sizeof(std::string) for kString, 0 for kUndefined.
int64_t ElementSize(DataType type);

// "float32", "int64", …: the names used in messages, on the command line and in JSON.
absl::string_view DataTypeName(DataType type);

constexpr bool IsFloatingPoint(DataType type) {
  return type == DataType::kFloat32 || type == DataType::kFloat64 || type == DataType::kFloat16 ||
         type == DataType::kBFloat16;
}

// IEEE 754 binary16 and bfloat16 bit patterns. To narrow: round to nearest, ties to even; NaN stays
// NaN.
float HalfToFloat(uint16_t bits);
uint16_t FloatToHalf(float value);
float BFloat16ToFloat(uint16_t bits);
uint16_t FloatToBFloat16(float value);

// The C++ type of an element to its DataType; the 16-bit floats have no C++ type and travel as
// uint16_t bits.
template <typename T>
struct DataTypeOf;
template <>
struct DataTypeOf<float> {
  static constexpr DataType value = DataType::kFloat32;
};
template <>
struct DataTypeOf<double> {
  static constexpr DataType value = DataType::kFloat64;
};
template <>
struct DataTypeOf<int8_t> {
  static constexpr DataType value = DataType::kInt8;
};
template <>
struct DataTypeOf<uint8_t> {
  static constexpr DataType value = DataType::kUint8;
};
template <>
struct DataTypeOf<int16_t> {
  static constexpr DataType value = DataType::kInt16;
};
template <>
struct DataTypeOf<uint16_t> {
  static constexpr DataType value = DataType::kUint16;
};
template <>
struct DataTypeOf<int32_t> {
  static constexpr DataType value = DataType::kInt32;
};
template <>
struct DataTypeOf<uint32_t> {
  static constexpr DataType value = DataType::kUint32;
};
template <>
struct DataTypeOf<int64_t> {
  static constexpr DataType value = DataType::kInt64;
};
template <>
struct DataTypeOf<uint64_t> {
  static constexpr DataType value = DataType::kUint64;
};
template <>
struct DataTypeOf<bool> {
  static constexpr DataType value = DataType::kBool;
};
template <>
struct DataTypeOf<std::string> {
  static constexpr DataType value = DataType::kString;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_DATA_TYPE_H_
