// BatchNormalization(x [n,c,…], scale [c], bias [c], mean [c], variance [c]), inference only.
#include <cmath>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/normalization_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferBatchNormalization(InferContext& context) {
  const Shape& x = context.input_shape(0);
  if (context.attributes().Int("training_mode", 0) != 0 ||
      context.attributes().Int("spatial", 1) == 0) {
    return absl::UnimplementedError("training_mode = 1 and spatial = 0 are not supported");
  }
  if (x.rank() < 1) {
    return absl::InvalidArgumentError("the input is a scalar, want [n,c,…]");
  }
  const Shape channels({x.rank() == 1 ? 1 : x[1]});
  for (int i = 1; i <= 4; ++i) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, i));
    DNND_RETURN_IF_ERROR(RequireShape(context, i, channels, "parameter"));
  }
  return InferSameAsInput(context);
}

template <typename T>
void Normalize(const ReferenceContext& context) {
  const Shape& shape = context.input(0).shape();
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  const int64_t channels = context.input(1).num_elements();
  const int64_t plane = shape.rank() < 2 ? 1 : shape.Product(2, shape.rank());
  const int64_t planes = plane == 0 ? 0 : context.input(0).num_elements() / plane;
  for (int64_t i = 0; i < planes; ++i) {
    const int64_t c = i % channels;
    const T scale = static_cast<T>(context.input(1).data<T>()[c] /
                                   std::sqrt(context.input(4).data<T>()[c] + epsilon));
    const T bias = context.input(2).data<T>()[c];
    const T mean = context.input(3).data<T>()[c];
    const T* x = context.input(0).data<T>() + i * plane;
    T* y = context.output(0).data<T>() + i * plane;
    for (int64_t j = 0; j < plane; ++j) {
      y[j] = (x[j] - mean) * scale + bias;
    }
  }
}

absl::Status ReferenceBatchNormalization(const ReferenceContext& context) {
  DNND_RETURN_IF_ERROR(Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    Normalize<T>(context);
    return absl::OkStatus();
  }));
  return ApplyPostOps(context);
}

Cost BatchNormalizationCost(const CompileContext& context) {
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = context.output_shape(0).num_elements();
  return cost;
}

}  // namespace

extern const OpDef kBatchNormalization = {.type = "BatchNormalization",
                                          .min_inputs = 5,
                                          .max_inputs = 5,
                                          .infer = InferBatchNormalization,
                                          .reference = ReferenceBatchNormalization,
                                          .candidates = PlaneNormalizationCandidates,
                                          .compile = CompileBatchNormalization,
                                          .accepts_post_op = PlaneNormalizationAcceptsPostOp,
                                          .rows = RowsOfPictures,
                                          .cost = BatchNormalizationCost};

}  // namespace dnnd::engine
