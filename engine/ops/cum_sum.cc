// CumSum: at each position of an axis the sum of all up to it, from either end.
#include <functional>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/scalar_functions.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<int> SumAxis(const OpArguments& arguments) {
  DNND_ASSIGN_OR_RETURN(const Dims axis, arguments.Int64s(1));
  if (axis.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis is ", arguments.input(1).ToString(), ", wanted one element"));
  }
  return NormalizeAxis(axis[0], arguments.input_shape(0).rank());
}

absl::Status RunCumSum(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, SumAxis(OpArguments(context)));
  const bool exclusive = context.attributes().Int("exclusive", 0) != 0;
  const bool reverse = context.attributes().Int("reverse", 0) != 0;
  const Shape& shape = context.input(0).shape();
  const int64_t count = shape[axis];
  const int64_t inner = shape.Product(axis + 1, shape.rank());
  return Dispatch<NumericTypes>(context.input(0).type(), [&]<typename T>() {
    for (int64_t o = 0; o < shape.Product(0, axis); ++o) {
      const T* x = context.input(0).data<T>() + o * count * inner;
      T* y = context.output(0).data<T>() + o * count * inner;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t here = (reverse ? count - 1 - i : i) * inner;
        const int64_t before = here + (reverse ? inner : -inner);
        const int64_t added = exclusive ? before : here;
        for (int64_t k = 0; k < inner; ++k) {
          y[here + k] = i == 0 ? (exclusive ? T{0} : x[here + k])
                               : Wrapping(y[before + k], x[added + k], std::plus<>());
        }
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<RowAxis> RowsOfCumSum(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, SumAxis(OpArguments(context)));
  return RowsOffAxis(context, axis);
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__CumSum.html
extern const OpDef kCumSum = {.type = "CumSum",
                              .min_inputs = 2,
                              .max_inputs = 2,
                              .infer = InferSameAsInput,
                              .reference = RunCumSum,
                              .rows = RowsOfCumSum};

}  // namespace dnnd::engine
