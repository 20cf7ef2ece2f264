#include "engine/dnnbench/compare.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dnnd::engine {
namespace {

template <typename T>
std::vector<double> Widen(const TensorView& tensor) {
  const T* values = tensor.data<T>();
  return std::vector<double>(values, values + tensor.num_elements());
}

std::vector<double> WidenBits(const TensorView& tensor, float (*widen)(uint16_t)) {
  std::vector<double> values(tensor.num_elements());
  std::transform(tensor.data<uint16_t>(), tensor.data<uint16_t>() + values.size(), values.begin(),
                 widen);
  return values;
}

std::vector<double> ToDoubles(const TensorView& tensor) {
  switch (tensor.type()) {
    case DataType::kFloat32:
      return Widen<float>(tensor);
    case DataType::kFloat64:
      return Widen<double>(tensor);
    case DataType::kFloat16:
      return WidenBits(tensor, &HalfToFloat);
    case DataType::kBFloat16:
      return WidenBits(tensor, &BFloat16ToFloat);
    case DataType::kInt8:
      return Widen<int8_t>(tensor);
    case DataType::kUint8:
      return Widen<uint8_t>(tensor);
    case DataType::kInt16:
      return Widen<int16_t>(tensor);
    case DataType::kUint16:
      return Widen<uint16_t>(tensor);
    case DataType::kInt32:
      return Widen<int32_t>(tensor);
    case DataType::kUint32:
      return Widen<uint32_t>(tensor);
    case DataType::kInt64:
      return Widen<int64_t>(tensor);
    case DataType::kUint64:
      return Widen<uint64_t>(tensor);
    case DataType::kBool:
      return Widen<bool>(tensor);
    case DataType::kString:
    case DataType::kUndefined:
      break;
  }
  return {};
}

absl::Status CompareStrings(const TensorView& got, const TensorView& want) {
  for (int64_t i = 0; i < want.num_elements(); ++i) {
    if (got.data<std::string>()[i] != want.data<std::string>()[i]) {
      return absl::InvalidArgumentError(absl::StrCat("element ", i, " is \"",
                                                     got.data<std::string>()[i], "\", wanted \"",
                                                     want.data<std::string>()[i], "\""));
    }
  }
  return absl::OkStatus();
}

bool Same(double got, double want) { return got == want || (std::isnan(got) && std::isnan(want)); }

}  // namespace

Comparison& Comparison::operator+=(const Comparison& other) {
  max_absolute = std::max(max_absolute, other.max_absolute);
  max_relative = std::max(max_relative, other.max_relative);
  range = std::max(range, other.range);
  max_of_range = std::max(max_of_range, other.max_of_range);
  outside += other.outside;
  return *this;
}

absl::StatusOr<Comparison> Compare(const TensorView& got, const TensorView& want,
                                   const Tolerance& tolerance) {
  if (!(got.tensor_type() == want.tensor_type())) {
    return absl::InvalidArgumentError(absl::StrCat("got ", got.tensor_type().ToString(),
                                                   ", wanted ", want.tensor_type().ToString()));
  }
  Comparison result;
  if (want.type() == DataType::kString) {
    absl::Status status = CompareStrings(got, want);
    return status.ok() ? absl::StatusOr<Comparison>(result) : status;
  }
  const std::vector<double> values = ToDoubles(got);
  const std::vector<double> wanted = ToDoubles(want);
  for (const double value : wanted) {
    if (std::isfinite(value)) {
      result.range = std::max(result.range, std::abs(value));
    }
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (Same(values[i], wanted[i])) {
      continue;
    }
    const double error = std::abs(values[i] - wanted[i]);
    const double magnitude = std::abs(wanted[i]);
    const double allowed =
        tolerance.absolute + tolerance.relative * magnitude + tolerance.of_range * result.range;
    // Not "error > allowed": a NaN where a number belongs is outside, and so is an infinity.
    result.outside += error <= allowed && std::isfinite(error) ? 0 : 1;
    result.max_absolute = std::isfinite(error) ? std::max(result.max_absolute, error) : INFINITY;
    if (magnitude > 0) {
      result.max_relative = std::max(result.max_relative, error / magnitude);
    }
  }
  result.max_of_range = result.range > 0 ? result.max_absolute / result.range : result.max_absolute;
  return result;
}

}  // namespace dnnd::engine
