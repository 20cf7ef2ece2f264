#include "server/handlers/tensor_input.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

using engine::DataType;

absl::Status ShapeMismatch(absl::string_view message) {
  return WithReason(absl::InvalidArgumentError(message), kReasonTensorShapeMismatch);
}

}  // namespace

absl::StatusOr<engine::TensorView> ViewOf(const TensorInput& input) {
  const auto& [name, type, shape, contents] = input;
  if (type == DataType::kUndefined || type == DataType::kString) {
    return WithReason(
        absl::InvalidArgumentError(
            absl::StrCat("got a tensor of ", type == DataType::kString ? "strings" : "no data type",
                         ", want numbers or booleans")),
        kReasonTensorTypeMismatch);
  }
  const absl::StatusOr<engine::Shape> checked = engine::Shape::Create(shape);
  if (!checked.ok()) {
    return ShapeMismatch(checked.status().message());
  }
  const auto bytes =
      engine::CheckedMul(checked->num_elements(), engine::ElementSize(type)).value_or(-1);
  if (bytes != static_cast<int64_t>(contents.size())) {
    return ShapeMismatch(absl::StrCat("got ", contents.size(), " bytes of contents, want ", bytes,
                                      " for ", engine::DataTypeName(type), checked->ToString()));
  }
  if (type == DataType::kBool && std::any_of(contents.begin(), contents.end(),
                                             [](char value) { return value != 0 && value != 1; })) {
    return WithReason(
        absl::InvalidArgumentError("got a boolean that is neither 0 nor 1, want one of them"),
        kReasonInvalidRequest);
  }
  return engine::TensorView({type, *checked}, contents.data());
}

}  // namespace dnnd::server
