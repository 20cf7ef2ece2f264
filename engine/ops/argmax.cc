// ArgMax and ArgMin: where along an axis the largest (smallest) element stands.
#include <algorithm>

#include "engine/base/status.h"
#include "engine/ops/argmax_kernels.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferArg(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const Shape& input = context.input_shape(0);
  if (input[axis] == 0) {
    return absl::InvalidArgumentError("the axis is empty");
  }
  Dims dims(input.dims().begin(), input.dims().end());
  if (context.attributes().Int("keepdims", 1) != 0) {
    dims[axis] = 1;
  } else {
    dims.erase(dims.begin() + axis);
  }
  context.SetOutput(0, DataType::kInt64, Shape(dims));
  return absl::OkStatus();
}

// One slab [extent, inner] to the `inner` positions where `better` finds nothing before it.
template <typename T, typename Better>
void ArgOfSlab(const T* slab, int64_t extent, int64_t inner, const Better& better, int64_t* best) {
  std::fill_n(best, inner, int64_t{0});
  for (int64_t i = 1; i < extent; ++i) {
    const T* row = slab + i * inner;
    for (int64_t k = 0; k < inner; ++k) {
      if (better(row[k], slab[best[k] * inner + k])) {
        best[k] = i;
      }
    }
  }
}

template <typename Types, typename Better>
absl::Status RunArg(const ReferenceContext& context, const Better& better) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const Shape& input = context.input(0).shape();
  const int64_t outer = input.Product(0, axis);
  const int64_t inner = input.Product(axis + 1, input.rank());
  return Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    for (int64_t o = 0; o < outer; ++o) {
      ArgOfSlab(context.input(0).data<T>() + o * input[axis] * inner, input[axis], inner, better,
                context.output(0).data<int64_t>() + o * inner);
    }
    return absl::OkStatus();
  });
}

absl::Status RunArgMax(const ReferenceContext& context) {
  if (context.attributes().Int("select_last_index", 0) != 0) {
    return RunArg<NumericTypes>(context, [](auto a, auto b) { return a >= b; });
  }
  return RunArg<NumericTypes>(context, [](auto a, auto b) { return a > b; });
}

absl::Status RunArgMin(const ReferenceContext& context) {
  if (context.attributes().Int("select_last_index", 0) != 0) {
    return RunArg<NumericTypes>(context, [](auto a, auto b) { return a <= b; });
  }
  return RunArg<NumericTypes>(context, [](auto a, auto b) { return a < b; });
}

absl::StatusOr<RowAxis> RowsOfArg(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(RowAxis rows, RowsOffAxis(context, axis));
  if (context.attributes().Int("keepdims", 1) == 0 && axis < rows.axis) {
    --rows.axis;
  }
  return rows;
}

}  // namespace

extern const OpDef kArgMax = {.type = "ArgMax",
                              .min_inputs = 1,
                              .max_inputs = 1,
                              .infer = InferArg,
                              .reference = RunArgMax,
                              .candidates = ArgCandidates,
                              .compile = CompileArgMax,
                              .rows = RowsOfArg};

extern const OpDef kArgMin = {.type = "ArgMin",
                              .min_inputs = 1,
                              .max_inputs = 1,
                              .infer = InferArg,
                              .reference = RunArgMin,
                              .candidates = ArgCandidates,
                              .compile = CompileArgMin,
                              .rows = RowsOfArg};

}  // namespace dnnd::engine
