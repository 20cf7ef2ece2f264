// Trilu and EyeLike: matrices seen from a diagonal, which lies k columns right of the main one.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// The column of the diagonal in `row`; outside of [0, columns) where it has none there.
int64_t ColumnOf(int64_t k, int64_t row, int64_t rows, int64_t columns) {
  return row + std::clamp(k, -rows, columns);  // no further, so that sums do not overflow
}

absl::Status InferTrilu(InferContext& context) {
  if (context.input_shape(0).rank() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("the input is ", context.input(0).ToString(), ", wanted matrices"));
  }
  return InferSameAsInput(context);
}

absl::Status RunTrilu(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Dims k, OpArguments(context).Int64sOr(1, {0}));
  if (k.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("k is ", context.input(1).tensor_type().ToString(), ", wanted one element"));
  }
  const bool upper = context.attributes().Int("upper", 1) != 0;
  const Shape& shape = context.input(0).shape();
  const int64_t rows = shape[shape.rank() - 2];
  const int64_t columns = shape[shape.rank() - 1];
  return DispatchBySize(context.input(0).type(), [&]<typename T>() {
    const T* source = context.input(0).data<T>();
    T* target = context.output(0).data<T>();
    for (int64_t line = 0; line < shape.Product(0, shape.rank() - 1); ++line) {
      const int64_t diagonal = ColumnOf(k[0], line % rows, rows, columns);
      const int64_t begin = upper ? std::clamp<int64_t>(diagonal, 0, columns) : 0;
      const int64_t end = upper ? columns : std::clamp<int64_t>(diagonal + 1, 0, columns);
      std::fill_n(target, columns, T{});
      std::copy(source + begin, source + end, target + begin);
      source += columns;
      target += columns;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<RowAxis> RowsOfTrilu(const RowsContext& context) {
  return RowsBeforeAxis(context, context.input_shape(0).rank() - 2);
}

absl::Status InferEyeLike(InferContext& context) {
  const TensorType& input = context.input(0);
  if (input.shape.rank() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("the input is ", input.ToString(), ", wanted a matrix"));
  }
  const int64_t type = context.attributes().Int("dtype", static_cast<int64_t>(input.type));
  context.SetOutput(0, static_cast<DataType>(type), input.shape);
  return absl::OkStatus();
}

absl::Status RunEyeLike(const ReferenceContext& context) {
  const int64_t k = context.attributes().Int("k", 0);
  const Shape& shape = context.output(0).shape();
  return Dispatch<PlainTypes>(context.output(0).type(), [&]<typename T>() {
    T* target = context.output(0).data<T>();
    std::fill_n(target, shape.num_elements(), T{0});
    for (int64_t row = 0; row < shape[0]; ++row) {
      const int64_t column = ColumnOf(k, row, shape[0], shape[1]);
      if (column >= 0 && column < shape[1]) {
        target[row * shape[1] + column] = T{1};
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__Trilu.html
extern const OpDef kTrilu = {.type = "Trilu",
                             .min_inputs = 1,
                             .max_inputs = 2,
                             .infer = InferTrilu,
                             .reference = RunTrilu,
                             .rows = RowsOfTrilu};

// https://onnx.ai/onnx/operators/onnx__EyeLike.html
extern const OpDef kEyeLike = {.type = "EyeLike",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .infer = InferEyeLike,
                               .reference = RunEyeLike};

}  // namespace dnnd::engine
