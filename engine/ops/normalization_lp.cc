// LpNormalization(x): each line along `axis` divided by its L1 or L2 norm; a line of zeros stays.
#include <cmath>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferLpNormalization(InferContext& context) {
  DNND_RETURN_IF_ERROR(
      NormalizeAxis(context.attributes().Int("axis", -1), context.input_shape(0).rank()).status());
  const int64_t p = context.attributes().Int("p", 2);
  if (p != 1 && p != 2) {
    return absl::InvalidArgumentError(absl::StrCat("p is ", p, ", want 1 or 2"));
  }
  return InferSameAsInput(context);
}

template <typename T>
void NormalizeLine(const T* x, T* y, int64_t extent, int64_t step, int64_t p) {
  double norm = 0;
  for (int64_t i = 0; i < extent; ++i) {
    const double value = x[i * step];
    norm += p == 1 ? std::abs(value) : value * value;
  }
  if (p == 2) {
    norm = std::sqrt(norm);
  }
  for (int64_t i = 0; i < extent; ++i) {
    y[i * step] = norm == 0 ? T{0} : static_cast<T>(x[i * step] / norm);
  }
}

absl::Status ReferenceLpNormalization(const ReferenceContext& context) {
  const Shape& shape = context.input(0).shape();
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), shape.rank()));
  const int64_t inner = shape.Product(axis + 1, shape.rank());
  const int64_t p = context.attributes().Int("p", 2);
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    for (int64_t line = 0; line < shape.Product(0, axis) * inner; ++line) {
      const int64_t offset = line / inner * shape[axis] * inner + line % inner;
      NormalizeLine(context.input(0).data<T>() + offset, context.output(0).data<T>() + offset,
                    shape[axis], inner, p);
    }
    return absl::OkStatus();
  });
}

Cost LpNormalizationCost(const CompileContext& context) {
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = context.output_shape(0).num_elements();
  cost.other_operations = context.output_shape(0).num_elements();
  return cost;
}

absl::StatusOr<RowAxis> RowsOfLpNormalization(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(context.attributes().Int("axis", -1),
                                                      context.input_shape(0).rank()));
  return RowsOffAxis(context, axis);
}

}  // namespace

extern const OpDef kLpNormalization = {.type = "LpNormalization",
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .infer = InferLpNormalization,
                                       .reference = ReferenceLpNormalization,
                                       .rows = RowsOfLpNormalization,
                                       .cost = LpNormalizationCost};

}  // namespace dnnd::engine
