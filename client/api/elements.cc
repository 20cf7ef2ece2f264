#include "client/api/elements.h"

#include <cmath>
#include <cstring>

#include "client/api/data_type.h"

namespace dnnd::client {
namespace {

using dnnd::v1::DataType;

template <typename To, typename From>
To BitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

// Towards zero; below the smallest normal half becomes zero. Within the range of half.
uint16_t FloatToHalf(float value) {
  const uint32_t bits = BitCast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const int exponent = static_cast<int>((bits >> 23) & 0xFF) - 127 + 15;
  if (exponent <= 0) return sign;
  return static_cast<uint16_t>(sign | (exponent << 10) | ((bits >> 13) & 0x3FF));
}

double HalfToDouble(uint16_t half) {
  const double sign = (half & 0x8000) != 0 ? -1.0 : 1.0;
  const int exponent = (half >> 10) & 0x1F;
  const int mantissa = half & 0x3FF;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  if (exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

template <typename T>
void Append(T value, std::string& contents) {
  contents.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T Load(const dnnd::v1::Tensor& tensor, int64_t index) {
  T value;
  std::memcpy(&value, tensor.contents().data() + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

void AppendElement(double value, DataType type, std::string& contents) {
  switch (type) {
    case dnnd::v1::DATA_TYPE_BOOL:
      return Append<uint8_t>(value != 0 ? 1 : 0, contents);
    case dnnd::v1::DATA_TYPE_UINT8:
      return Append(static_cast<uint8_t>(value), contents);
    case dnnd::v1::DATA_TYPE_UINT16:
      return Append(static_cast<uint16_t>(value), contents);
    case dnnd::v1::DATA_TYPE_UINT32:
      return Append(static_cast<uint32_t>(value), contents);
    case dnnd::v1::DATA_TYPE_UINT64:
      return Append(static_cast<uint64_t>(value), contents);
    case dnnd::v1::DATA_TYPE_INT8:
      return Append(static_cast<int8_t>(value), contents);
    case dnnd::v1::DATA_TYPE_INT16:
      return Append(static_cast<int16_t>(value), contents);
    case dnnd::v1::DATA_TYPE_INT32:
      return Append(static_cast<int32_t>(value), contents);
    case dnnd::v1::DATA_TYPE_INT64:
      return Append(static_cast<int64_t>(value), contents);
    case dnnd::v1::DATA_TYPE_FP16:
      return Append(FloatToHalf(static_cast<float>(value)), contents);
    case dnnd::v1::DATA_TYPE_FP32:
      return Append(static_cast<float>(value), contents);
    case dnnd::v1::DATA_TYPE_FP64:
      return Append(value, contents);
    case dnnd::v1::DATA_TYPE_BF16:
      return Append(static_cast<uint16_t>(BitCast<uint32_t>(static_cast<float>(value)) >> 16),
                    contents);
    default:
      return;
  }
}

double ElementAt(const dnnd::v1::Tensor& tensor, int64_t index) {
  switch (tensor.data_type()) {
    case dnnd::v1::DATA_TYPE_BOOL:
    case dnnd::v1::DATA_TYPE_UINT8:
      return Load<uint8_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_UINT16:
      return Load<uint16_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_UINT32:
      return Load<uint32_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_UINT64:
      return static_cast<double>(Load<uint64_t>(tensor, index));
    case dnnd::v1::DATA_TYPE_INT8:
      return Load<int8_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_INT16:
      return Load<int16_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_INT32:
      return Load<int32_t>(tensor, index);
    case dnnd::v1::DATA_TYPE_INT64:
      return static_cast<double>(Load<int64_t>(tensor, index));
    case dnnd::v1::DATA_TYPE_FP16:
      return HalfToDouble(Load<uint16_t>(tensor, index));
    case dnnd::v1::DATA_TYPE_FP32:
      return Load<float>(tensor, index);
    case dnnd::v1::DATA_TYPE_FP64:
      return Load<double>(tensor, index);
    case dnnd::v1::DATA_TYPE_BF16:
      return BitCast<float>(static_cast<uint32_t>(Load<uint16_t>(tensor, index)) << 16);
    default:
      return 0;
  }
}

}  // namespace dnnd::client
