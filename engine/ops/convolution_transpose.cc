// ConvTranspose(x [n,c,…], w [c,m/group,k…], b [m]?): 1 to 3 spatial axes.
#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/convolution_kernels.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/window.h"

namespace dnnd::engine {
namespace {

absl::Status CheckArguments(const NodeContext& context, int64_t groups) {
  const Shape& x = context.input_shape(0);
  const Shape& w = context.input_shape(1);
  if (w.rank() != x.rank() || groups < 1 || x[1] % groups != 0 || w[0] != x[1]) {
    return absl::InvalidArgumentError(absl::StrCat("input ", x.ToString(), " and weights ",
                                                   w.ToString(),
                                                   " do not fit with group = ", groups));
  }
  const std::vector<int64_t> declared = context.attributes().Ints("kernel_shape");
  const absl::Span<const int64_t> actual = SpatialDims(w);
  if (!declared.empty() &&
      !std::equal(declared.begin(), declared.end(), actual.begin(), actual.end())) {
    return absl::InvalidArgumentError(absl::StrCat("kernel_shape is ", Shape(declared).ToString(),
                                                   ", the weights have ", w.ToString()));
  }
  return absl::OkStatus();
}

absl::Status InferConvTranspose(InferContext& context) {
  const Shape& x = context.input_shape(0);
  const Shape& w = context.input_shape(1);
  const int64_t groups = context.attributes().Int("group", 1);
  DNND_RETURN_IF_ERROR(RequireSpatialRank(x));
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  DNND_RETURN_IF_ERROR(CheckArguments(context, groups));
  DNND_ASSIGN_OR_RETURN(
      const Window window,
      ResolveTransposedWindow(context.attributes(), SpatialDims(x), SpatialDims(w)));
  Dims dims = {x[0], w[1] * groups};
  dims.insert(dims.end(), window.output.begin(), window.output.end());
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  if (context.has_input(2)) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 2));
    DNND_RETURN_IF_ERROR(RequireShape(context, 2, Shape({shape[1]}), "bias"));
  }
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

// Scatters one row of inputs over one row of outputs.
template <typename T>
void ScatterRow(const Window& window, int64_t offset, T weight, const T* input, T* output) {
  for (int64_t i = 0; i < window.input[2]; ++i) {
    const int64_t o = i * window.strides[2] + offset;
    if (o >= 0 && o < window.output[2]) {
      output[o] += weight * input[i];
    }
  }
}

// Adds the contribution of one input channel to one output channel.
template <typename T>
void ScatterChannel(const Window& w, const T* input, const T* weights, T* output) {
  for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
    for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
      for (int64_t kw = 0; kw < w.kernel[2]; ++kw, ++weights) {
        for (int64_t id = 0; id < w.input[0]; ++id) {
          const int64_t od = id * w.strides[0] - w.pads_begin[0] + kd * w.dilations[0];
          if (od < 0 || od >= w.output[0]) {
            continue;
          }
          for (int64_t ih = 0; ih < w.input[1]; ++ih) {
            const int64_t oh = ih * w.strides[1] - w.pads_begin[1] + kh * w.dilations[1];
            if (oh >= 0 && oh < w.output[1]) {
              ScatterRow(w, kw * w.dilations[2] - w.pads_begin[2], *weights,
                         input + (id * w.input[1] + ih) * w.input[2],
                         output + (od * w.output[1] + oh) * w.output[2]);
            }
          }
        }
      }
    }
  }
}

template <typename T>
void ConvolveTransposed(const ReferenceContext& context, const Window& window) {
  const Shape& x = context.input(0).shape();
  const Shape& w = context.input(1).shape();
  const Shape& y = context.output(0).shape();
  const int64_t groups = context.attributes().Int("group", 1);
  const int64_t group_inputs = x[1] / groups;
  const int64_t input_plane = x.Product(2, x.rank());
  const int64_t kernel_size = w.Product(2, w.rank());
  const int64_t output_plane = y.Product(2, y.rank());
  const T* bias = context.has_input(2) ? context.input(2).data<T>() : nullptr;
  ParallelFor(y[0] * y[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t batch = plane / y[1];
      const int64_t channel = plane % y[1];
      const int64_t group = channel / w[1];
      T* output = context.output(0).data<T>() + plane * output_plane;
      std::fill_n(output, output_plane, bias == nullptr ? T{0} : bias[channel]);
      for (int64_t c = group * group_inputs; c < (group + 1) * group_inputs; ++c) {
        ScatterChannel(window, context.input(0).data<T>() + (batch * x[1] + c) * input_plane,
                       context.input(1).data<T>() + (c * w[1] + channel % w[1]) * kernel_size,
                       output);
      }
    }
  });
}

absl::Status ReferenceConvTranspose(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(
      const Window window,
      ResolveTransposedWindow(context.attributes(), SpatialDims(context.input(0).shape()),
                              SpatialDims(context.input(1).shape())));
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    ConvolveTransposed<T>(context, InThreeAxes(window));
    return absl::OkStatus();
  });
}

// Every input element meets every weight of its channel.
Cost ConvTransposeCost(const CompileContext& context) {
  const Shape& w = context.input_shape(1);
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates =
      SaturatingProduct({context.input_shape(0).num_elements(), w.Product(1, w.rank())});
  cost.other_operations = context.has_input(2) ? context.output_shape(0).num_elements() : 0;
  return cost;
}

}  // namespace

extern const OpDef kConvTranspose = {.type = "ConvTranspose",
                                     .min_inputs = 2,
                                     .max_inputs = 3,
                                     .infer = InferConvTranspose,
                                     .reference = ReferenceConvTranspose,
                                     .candidates = ConvTransposeCandidates,
                                     .compile = CompileConvTranspose,
                                     .rows = RowsOfPictures,
                                     .cost = ConvTransposeCost};

}  // namespace dnnd::engine
