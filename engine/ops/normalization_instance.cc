// Normalisations by the statistics of the input itself: InstanceNormalization(x [n,c,…], scale [c],
// bias [c]) over each plane, LayerNormalization(x, scale, bias?) over the axes from `axis` on.
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/normalization_kernels.h"
#include "engine/ops/op_helpers.h"

namespace dnnd::engine {
namespace {

struct Moments {
  double mean;
  double inverse_deviation;  // 1 / sqrt(variance + epsilon)
};

// In double: the variance of a large plane in float would lose half its digits.
template <typename T>
Moments MomentsOf(const T* x, int64_t count, double epsilon) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += x[i];
  }
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  return {mean, 1 / std::sqrt(squares / static_cast<double>(count) + epsilon)};
}

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
        const Moments moments = MomentsOf(x, plane, epsilon);
        const double scale = context.input(1).data<T>()[i % shape[1]] * moments.inverse_deviation;
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

absl::Status InferLayerNormalization(InferContext& context) {
  const Shape& x = context.input_shape(0);
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), x.rank()));
  const Shape normalized(x.dims().subspan(axis));
  for (int i = 1; i < context.num_inputs(); ++i) {
    if (!context.has_input(i)) {
      continue;
    }
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, i));
    DNND_ASSIGN_OR_RETURN(const Shape both, BroadcastShapes(normalized, context.input_shape(i)));
    if (both != normalized) {
      return absl::InvalidArgumentError(
          absl::StrCat("parameter (input ", i, ") ", context.input_shape(i).ToString(),
                       " does not broadcast to ", normalized.ToString()));
    }
  }
  Dims statistics(x.dims().begin(), x.dims().begin() + axis);
  statistics.resize(x.rank(), 1);
  for (int i = 1; i <= 2; ++i) {
    if (context.has_output(i)) {
      context.SetOutput(i, context.input(0).type, Shape(statistics));
    }
  }
  return InferSameAsInput(context);
}

// y = (x - mean) / deviation * scale + bias, along one run of the normalised axes.
template <typename T>
void NormalizeRun(const ReferenceContext& context, const BroadcastWalk<2>& walk, int64_t offset,
                  const Moments& moments) {
  const T* scales = context.input(1).data<T>();
  const T* biases = context.has_input(2) ? context.input(2).data<T>() : nullptr;
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    const T* x = context.input(0).data<T>() + offset + row * walk.row_length();
    T* y = context.output(0).data<T>() + offset + row * walk.row_length();
    for (int64_t i = 0; i < walk.row_length(); ++i) {
      const double value = (x[i] - moments.mean) * moments.inverse_deviation;
      y[i] = static_cast<T>(value * scales[offsets[0] + i * walk.step(0)] +
                            (biases == nullptr ? T{0} : biases[offsets[1] + i * walk.step(1)]));
    }
  });
}

absl::Status ReferenceLayerNormalization(const ReferenceContext& context) {
  const Shape& shape = context.input(0).shape();
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), shape.rank()));
  const Shape normalized(shape.dims().subspan(axis));
  const Shape scalar;
  const BroadcastWalk<2> walk(
      normalized,
      {&context.input(1).shape(), context.has_input(2) ? &context.input(2).shape() : &scalar});
  const int64_t count = normalized.num_elements();
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    for (int64_t run = 0; run < shape.Product(0, axis); ++run) {
      const Moments moments = MomentsOf(context.input(0).data<T>() + run * count, count, epsilon);
      NormalizeRun<T>(context, walk, run * count, moments);
      if (context.has_output(1)) {
        context.output(1).data<T>()[run] = static_cast<T>(moments.mean);
      }
      if (context.has_output(2)) {
        context.output(2).data<T>()[run] = static_cast<T>(moments.inverse_deviation);
      }
    }
    return absl::OkStatus();
  });
}

// Two passes for the moments, one to apply them.
Cost NormalizationCost(const CompileContext& context) {
  const int64_t elements = context.output_shape(0).num_elements();
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = 2 * elements;
  cost.other_operations = 2 * elements;
  return cost;
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
                                             .cost = NormalizationCost};

extern const OpDef kLayerNormalization = {.type = "LayerNormalization",
                                          .min_inputs = 2,
                                          .max_inputs = 3,
                                          .min_outputs = 1,
                                          .max_outputs = 3,
                                          .infer = InferLayerNormalization,
                                          .reference = ReferenceLayerNormalization,
                                          .candidates = LayerNormalizationCandidates,
                                          .compile = CompileLayerNormalization,
                                          .cost = NormalizationCost};

}  // namespace dnnd::engine
