// Resize (and Upsample, which the importer turns into it): nearest, linear or cubic, on any axes.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/resize_kernels.h"
#include "engine/ops/resize_taps.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferResize(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const ResizeSpec spec, ReadResize(OpArguments(context)));
  if (context.input_shape(0).num_elements() == 0 && spec.output.num_elements() > 0) {
    return absl::InvalidArgumentError("an empty tensor cannot be enlarged");
  }
  context.SetOutput(0, context.input(0).type, spec.output);
  return absl::OkStatus();
}

// One axis of a tensor [outer, in, inner] to [outer, out, inner].
template <typename T>
void ResizeOneAxis(const ResizeAxis& axis, int64_t outer, int64_t inner, const T* source,
                   T* target) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < axis.out; ++i) {
      T* row = target + (o * axis.out + i) * inner;
      std::fill_n(row, inner, T());
      for (int t = 0; t < axis.taps; ++t) {
        const T* from = source + (o * axis.in + axis.index[i * axis.taps + t]) * inner;
        const float weight = axis.weight[i * axis.taps + t];
        for (int64_t k = 0; k < inner; ++k) {
          row[k] += static_cast<T>(weight) * from[k];
        }
      }
    }
  }
}

// Elements that any axis puts outside the input take the extrapolation value.
void Extrapolate(const std::vector<ResizeAxis>& axes, const ResizeSpec& spec, double* values) {
  const Dims strides = spec.output.Strides();
  for (int64_t i = 0; i < spec.output.num_elements(); ++i) {
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      const int64_t position = (i / strides[axis]) % spec.output[static_cast<int>(axis)];
      if (!axes[axis].identity && axes[axis].outside[position]) {
        values[i] = spec.extrapolation_value;
      }
    }
  }
}

// A cubic blend may overshoot an integer type.
template <typename T>
T Narrow(double value) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    if (value >= static_cast<double>(std::numeric_limits<T>::max())) {
      return std::numeric_limits<T>::max();
    }
    if (value <= static_cast<double>(std::numeric_limits<T>::min())) {
      return std::numeric_limits<T>::min();
    }
  }
  return static_cast<T>(value);
}

// In double precision, axis after axis; for nearest every weight is 1, and the elements of all
// types but the 64-bit integers pass through exactly.
template <typename T>
absl::Status ResizeTyped(const ReferenceContext& context, const ResizeSpec& spec,
                         const std::vector<ResizeAxis>& axes) {
  Shape shape = context.input(0).shape();
  DNND_ASSIGN_OR_RETURN(Tensor values, Tensor::Create(DataType::kFloat64, shape));
  std::copy_n(context.input(0).data<T>(), shape.num_elements(), values.mutable_data<double>());
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axes[axis].identity) {
      continue;
    }
    const int64_t outer = shape.Product(0, axis);
    const int64_t inner = shape.Product(axis + 1, shape.rank());
    shape = shape.WithDim(axis, axes[axis].out);
    DNND_ASSIGN_OR_RETURN(Tensor resized, Tensor::Create(DataType::kFloat64, shape));
    ResizeOneAxis(axes[axis], outer, inner, values.data<double>(), resized.mutable_data<double>());
    values = std::move(resized);
  }
  if (spec.extrapolates) {
    Extrapolate(axes, spec, values.mutable_data<double>());
  }
  std::transform(values.data<double>(), values.data<double>() + shape.num_elements(),
                 context.output(0).data<T>(), Narrow<T>);
  return absl::OkStatus();
}

absl::Status RunResize(const ReferenceContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const ResizeSpec spec, ReadResize(arguments));
  const std::vector<ResizeAxis> axes = ResizeTables(arguments, spec);
  return Dispatch<PlainTypes>(context.input(0).type(),
                              [&]<typename T>() { return ResizeTyped<T>(context, spec, axes); });
}

// One multiply-accumulate for each tap of each axis that changes.
Cost ResizeCost(const CompileContext& context) {
  const std::string mode = context.attributes().String("mode", "nearest");
  Cost cost = ArgumentBytes(context);
  int64_t taps = 0;
  for (int axis = 0; axis < context.output_shape(0).rank(); ++axis) {
    const bool changes = context.output_shape(0)[axis] != context.input_shape(0)[axis];
    taps += !changes || mode == "nearest" ? 0 : mode == "linear" ? 2 : 4;
  }
  cost.multiply_accumulates = taps * context.output_shape(0).num_elements();
  return cost;
}

absl::StatusOr<RowAxis> RowsOfResize(const RowsContext& context) {
  if (!context.rows(0).has_value()) {
    return absl::UnimplementedError("its sizes come from the rows");
  }
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const ResizeSpec spec, ReadResize(arguments));
  if (!ResizeTables(arguments, spec)[context.rows(0)->axis].identity) {
    return RowsMix();
  }
  return *context.rows(0);
}

}  // namespace

extern const OpDef kResize = {.type = "Resize",
                              .min_inputs = 1,
                              .max_inputs = 4,
                              .infer = InferResize,
                              .reference = RunResize,
                              .candidates = ResizeCandidates,
                              .compile = CompileResize,
                              .rows = RowsOfResize,
                              .cost = ResizeCost};

}  // namespace dnnd::engine
