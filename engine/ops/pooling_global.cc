// GlobalAveragePool and GlobalMaxPool: [n,c,…] → [n,c,1,…].
#include <algorithm>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/reduce_kernels.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferGlobalPool(InferContext& context) {
  const Shape& x = context.input_shape(0);
  if (x.rank() < 2 || x.Product(2, x.rank()) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", x.ToString(), ", want [n,c,…] with elements to pool"));
  }
  Dims dims(x.rank(), 1);
  dims[0] = x[0];
  dims[1] = x[1];
  context.SetOutput(0, context.input(0).type, Shape(dims));
  return absl::OkStatus();
}

// y of each plane = pool(its elements, their count).
template <typename Types, typename Pool>
absl::Status PoolPlanes(const ReferenceContext& context, const Pool& pool) {
  const Shape& shape = context.input(0).shape();
  const int64_t plane = shape.Product(2, shape.rank());
  return Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    const T* x = context.input(0).data<T>();
    T* y = context.output(0).data<T>();
    for (int64_t i = 0; i < context.output(0).num_elements(); ++i) {
      y[i] = pool(x + i * plane, plane);
    }
    return absl::OkStatus();
  });
}

template <typename T>
T MeanOf(const T* x, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += x[i];
  }
  return static_cast<T>(sum / static_cast<double>(count));
}

// Every axis behind the channels.
std::vector<bool> SpatialAxes(const CompileContext& context) {
  std::vector<bool> axes(context.input_shape(0).rank(), true);
  axes[0] = axes[1] = false;
  return axes;
}

std::vector<Candidate> GlobalPoolCandidates(const CompileContext& context) {
  return ReduceCandidates(context, SpatialAxes(context));
}

template <ReduceKind kKind>
absl::StatusOr<std::unique_ptr<Kernel>> CompileAs(const CompileContext& context,
                                                  const Candidate& candidate) {
  return CompileReduce(context, candidate, SpatialAxes(context), kKind);
}

Cost GlobalPoolCost(const CompileContext& context) {
  Cost cost = ArgumentBytes(context);
  cost.other_operations = context.input_shape(0).num_elements();
  return cost;
}

}  // namespace

extern const OpDef kGlobalAveragePool = {
    .type = "GlobalAveragePool",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = InferGlobalPool,
    .reference =
        [](const ReferenceContext& context) {
          return PoolPlanes<FloatTypes>(
              context, [](const auto* x, int64_t count) { return MeanOf(x, count); });
        },
    .candidates = GlobalPoolCandidates,
    .compile = CompileAs<ReduceKind::kMean>,
    .rows = RowsOfPictures,
    .cost = GlobalPoolCost};

extern const OpDef kGlobalMaxPool = {.type = "GlobalMaxPool",
                                     .min_inputs = 1,
                                     .max_inputs = 1,
                                     .infer = InferGlobalPool,
                                     .reference =
                                         [](const ReferenceContext& context) {
                                           return PoolPlanes<FloatTypes>(
                                               context, [](const auto* x, int64_t count) {
                                                 return *std::max_element(x, x + count);
                                               });
                                         },
                                     .candidates = GlobalPoolCandidates,
                                     .compile = CompileAs<ReduceKind::kMax>,
                                     .rows = RowsOfPictures,
                                     .cost = GlobalPoolCost};

}  // namespace dnnd::engine
