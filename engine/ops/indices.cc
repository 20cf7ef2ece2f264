#include "engine/ops/indices.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace dnnd::engine {

absl::Status RequireIndices(const NodeContext& context, int i) {
  const TensorType& indices = context.input(i);
  if (indices.type != DataType::kInt64 && indices.type != DataType::kInt32) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices are ", indices.ToString(), ", wanted int64 or int32"));
  }
  return absl::OkStatus();
}

absl::Status OutsideAxis(int64_t index, int axis, const Shape& data) {
  return absl::InvalidArgumentError(
      absl::StrCat("index ", index, " is outside axis ", axis, " of ", data.ToString()));
}

absl::StatusOr<Reduction> ReductionOf(const Attributes& attributes) {
  const std::string name = attributes.String("reduction", "none");
  if (name == "none") {
    return Reduction::kNone;
  }
  if (name == "add") {
    return Reduction::kAdd;
  }
  if (name == "mul") {
    return Reduction::kMul;
  }
  if (name == "max") {
    return Reduction::kMax;
  }
  if (name == "min") {
    return Reduction::kMin;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("reduction is \"", name, "\", wanted none, add, mul, max or min"));
}

}  // namespace dnnd::engine
