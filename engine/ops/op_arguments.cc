#include "engine/ops/op_arguments.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// The name of a payload without contents.
constexpr absl::string_view kUnknownElements = "dnnd.engine/unknown_elements";

}  // namespace

OpArguments::OpArguments(const NodeContext& context) : node_(context.node()) {
  for (int i = 0; i < context.num_inputs(); ++i) {
    inputs_.push_back(context.has_input(i) ? context.input(i) : TensorType());
    const Tensor* constant = context.constant(i);
    known_.push_back(constant == nullptr ? TensorView() : constant->view());
  }
}

OpArguments::OpArguments(const ReferenceContext& context) : node_(context.node()) {
  for (int i = 0; i < context.num_inputs(); ++i) {
    inputs_.push_back(context.input(i).tensor_type());
    known_.push_back(context.input(i));
  }
}

absl::Status OpArguments::CheckKnown(int i) const {
  return known_[i].raw() == nullptr ? UnknownElementsError(i) : absl::OkStatus();
}

absl::StatusOr<Dims> OpArguments::Int64s(int i) const {
  DNND_RETURN_IF_ERROR(CheckKnown(i));
  absl::StatusOr<Dims> values = ToInt64s(known_[i]);
  if (!values.ok()) {
    return Annotate(values.status(), absl::StrCat("input ", i));
  }
  return values;
}

absl::StatusOr<Dims> OpArguments::Int64sOr(int i, Dims absent) const {
  return has_input(i) ? Int64s(i) : absl::StatusOr<Dims>(std::move(absent));
}

absl::StatusOr<std::vector<float>> OpArguments::Floats(int i) const {
  DNND_RETURN_IF_ERROR(CheckKnown(i));
  if (known_[i].type() != DataType::kFloat32) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", i, " is ", known_[i].tensor_type().ToString(), ", wanted float32"));
  }
  const float* data = known_[i].data<float>();
  return std::vector<float>(data, data + known_[i].num_elements());
}

absl::StatusOr<int> OpArguments::Axis(absl::string_view name, int64_t absent) const {
  return NormalizeAxis(attributes().Int(name, absent), input_shape(0).rank());
}

absl::Status UnknownElementsError(int i) {
  absl::Status status = absl::UnimplementedError(
      absl::StrCat("input ", i, " decides a shape but is not known before the graph runs"));
  status.SetPayload(kUnknownElements, absl::Cord());
  return status;
}

bool IsUnknownElements(const absl::Status& status) {
  return status.GetPayload(kUnknownElements).has_value();
}

absl::StatusOr<std::vector<int>> NormalizeAxes(absl::Span<const int64_t> axes, int rank) {
  std::vector<int> normalized;
  std::vector<bool> seen(rank, false);
  for (int64_t axis : axes) {
    DNND_ASSIGN_OR_RETURN(const int positive, NormalizeAxis(axis, rank));
    if (seen[positive]) {
      return absl::InvalidArgumentError(absl::StrCat("axis ", axis, " is named twice"));
    }
    seen[positive] = true;
    normalized.push_back(positive);
  }
  return normalized;
}

}  // namespace dnnd::engine
