// LayerNormalization(x, scale, bias?) → y, mean?, inverse deviation?: over the axes from `axis` on.
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/moments.h"
#include "engine/ops/normalization_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

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
                  double mean, double inverse_deviation) {
  const T* scales = context.input(1).data<T>();
  const T* biases = context.has_input(2) ? context.input(2).data<T>() : nullptr;
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    const T* x = context.input(0).data<T>() + offset + row * walk.row_length();
    T* y = context.output(0).data<T>() + offset + row * walk.row_length();
    for (int64_t i = 0; i < walk.row_length(); ++i) {
      const double value = (x[i] - mean) * inverse_deviation;
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
      const Moments moments = ExactMoments(context.input(0).data<T>() + run * count, count);
      const double inverse_deviation = 1 / std::sqrt(moments.variance + epsilon);
      NormalizeRun<T>(context, walk, run * count, moments.mean, inverse_deviation);
      if (context.has_output(1)) {
        context.output(1).data<T>()[run] = static_cast<T>(moments.mean);
      }
      if (context.has_output(2)) {
        context.output(2).data<T>()[run] = static_cast<T>(inverse_deviation);
      }
    }
    return absl::OkStatus();
  });
}

// Row-major, one result, parameters of the normalised axes' own shape.
std::vector<Candidate> LayerNormalizationCandidates(const CompileContext& context) {
  const absl::StatusOr<int> axis =
      NormalizeAxis(context.attributes().Int("axis", -1), context.input_shape(0).rank());
  if (context.input(0).type != DataType::kFloat32 || context.has_output(1) ||
      context.has_output(2) || !axis.ok() || context.input_shape(0).num_elements() == 0) {
    return {};
  }
  const int64_t count = context.input_shape(0).Product(*axis, context.input_shape(0).rank());
  for (int i = 1; i < context.num_inputs(); ++i) {
    if (context.has_input(i) && context.input_shape(i).num_elements() != count) {
      return {};
    }
  }
  return {Candidate{"row_major", {}, {Layout::kRowMajor}}};
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileLayerNormalization(const CompileContext& context,
                                                                  const Candidate&) {
  const Shape& shape = context.input_shape(0);
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), shape.rank()));
  const int64_t count = shape.Product(axis, shape.rank());
  const int64_t runs = shape.Product(0, axis);
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  const bool has_bias = context.has_input(2);
  const auto normalize = [=](const KernelArguments& arguments, int64_t index) {
    const float* x = static_cast<const float*>(arguments.inputs[0]) + index * count;
    float* y = static_cast<float*>(arguments.outputs[0]) + index * count;
    const float* scale = static_cast<const float*>(arguments.inputs[1]);
    const float* bias = has_bias ? static_cast<const float*>(arguments.inputs[2]) : nullptr;
    const Moments moments = MomentsOfLine(x, count);
    const float factor = static_cast<float>(1 / std::sqrt(moments.variance + epsilon));
    const float mean = static_cast<float>(moments.mean);
    Vectorized([=]() DNND_VECTOR_BODY {
      DNND_INDEPENDENT_LOOP
      for (int64_t i = 0; i < count; ++i) {
        y[i] = (x[i] - mean) * factor * scale[i] + (has_bias ? bias[i] : 0);
      }
    });
  };
  const auto run = [=](const KernelArguments& arguments) {
    ParallelFor(runs, kElementsAThread / count, [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index) {
        normalize(arguments, index);
      }
    });
  };
  return MakeFunctionKernel({.implementation = "moments_and_scale",
                             .run = run,
                             .in_place = InPlace{0, /*required=*/false}});
}

absl::StatusOr<RowAxis> RowsOfLayerNormalization(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int first, NormalizeAxis(context.attributes().Int("axis", -1),
                                                       context.input_shape(0).rank()));
  return RowsBeforeAxis(context, first);
}

}  // namespace

extern const OpDef kLayerNormalization = {.type = "LayerNormalization",
                                          .min_inputs = 2,
                                          .max_inputs = 3,
                                          .min_outputs = 1,
                                          .max_outputs = 3,
                                          .infer = InferLayerNormalization,
                                          .reference = ReferenceLayerNormalization,
                                          .candidates = LayerNormalizationCandidates,
                                          .compile = CompileLayerNormalization,
                                          .rows = RowsOfLayerNormalization,
                                          .cost = StatisticsCost};

}  // namespace dnnd::engine
