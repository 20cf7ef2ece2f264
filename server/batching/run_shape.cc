#include "server/batching/run_shape.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

using engine::TensorSpec;
using engine::TensorView;

absl::Status CheckInput(const TensorSpec& spec, const TensorView& input) {
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("input \"", spec.name, "\": got ", input.tensor_type().ToString(), ", want ",
                     engine::DataTypeName(spec.type), engine::ToString(spec.shape), what));
  };
  if (input.type() != spec.type) {
    return wrong("");
  }
  if (input.shape().rank() != static_cast<int>(spec.shape.size())) {
    return wrong("");
  }
  for (int axis = 0; axis < input.shape().rank(); ++axis) {
    const bool batch = spec.batch_axis == axis;
    if (batch && input.shape()[axis] < 1) {
      return wrong(", of one row or more");
    }
    if (!batch && spec.shape[axis].known() && spec.shape[axis].value != input.shape()[axis]) {
      return wrong("");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunShape> BindInputs(const engine::Model& model,
                                    absl::Span<const TensorView> inputs) {
  const engine::Signature& signature = model.signature();
  if (inputs.size() != signature.inputs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", inputs.size(), " inputs, want ", signature.inputs.size()));
  }
  RunShape run;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec& spec = signature.inputs[i];
    DNND_RETURN_IF_ERROR(CheckInput(spec, inputs[i]));
    if (!signature.batchable || !spec.batch_axis.has_value()) {
      run.row.push_back(inputs[i].shape());
      continue;
    }
    const int64_t rows = inputs[i].shape()[*spec.batch_axis];
    if (i > 0 && rows != run.rows) {
      return absl::InvalidArgumentError(absl::StrCat("input \"", spec.name, "\": got ", rows,
                                                     " rows, want the ", run.rows, " of input \"",
                                                     signature.inputs[0].name, "\""));
    }
    run.rows = rows;
    run.row.push_back(inputs[i].shape().WithDim(*spec.batch_axis, 1));
  }
  DNND_RETURN_IF_ERROR(model.CheckShapes(run.row));
  return run;
}

}  // namespace dnnd::server
