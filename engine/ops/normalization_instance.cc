// InstanceNormalization(x [n,c,…], scale [c], bias [c]): each plane by its own mean and variance.
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/moments.h"
#include "engine/ops/normalization_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferInstanceNormalization(InferContext& context) {
  const Shape& x = context.input_shape(0);
  if (x.rank() < 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", x.ToString(), ", want [n,c,…] with spatial axes"));
  }
  for (int i = 1; i <= 2; ++i) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, i));
    DNND_RETURN_IF_ERROR(RequireShape(context, i, Shape({x[1]}), "parameter"));
  }
  return InferSameAsInput(context);
}

absl::Status ReferenceInstanceNormalization(const ReferenceContext& context) {
  const Shape& shape = context.input(0).shape();
  const int64_t plane = shape.Product(2, shape.rank());
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  DNND_RETURN_IF_ERROR(Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    ParallelFor(shape[0] * shape[1], 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* x = context.input(0).data<T>() + i * plane;
        T* y = context.output(0).data<T>() + i * plane;
        const Moments moments = ExactMoments(x, plane);
        const double scale =
            context.input(1).data<T>()[i % shape[1]] / std::sqrt(moments.variance + epsilon);
        const double bias = context.input(2).data<T>()[i % shape[1]];
        for (int64_t j = 0; j < plane; ++j) {
          y[j] = static_cast<T>((x[j] - moments.mean) * scale + bias);
        }
      }
    });
    return absl::OkStatus();
  }));
  return ApplyPostOps(context);
}

}  // namespace

extern const OpDef kInstanceNormalization = {.type = "InstanceNormalization",
                                             .min_inputs = 3,
                                             .max_inputs = 3,
                                             .infer = InferInstanceNormalization,
                                             .reference = ReferenceInstanceNormalization,
                                             .candidates = PlaneNormalizationCandidates,
                                             .compile = CompileInstanceNormalization,
                                             .accepts_post_op = PlaneNormalizationAcceptsPostOp,
                                             .rows = RowsOfPictures,
                                             .cost = StatisticsCost};

}  // namespace dnnd::engine
