// Conv(x [n,c,…], w [m,c/group,k…], b [m]?): 1 to 3 spatial axes.
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

// The kernel extents lie in the weights; the attribute, when there, must agree.
absl::Status CheckKernelShape(const NodeContext& context) {
  const std::vector<int64_t> declared = context.attributes().Ints("kernel_shape");
  const absl::Span<const int64_t> actual = SpatialDims(context.input_shape(1));
  if (!declared.empty() &&
      !std::equal(declared.begin(), declared.end(), actual.begin(), actual.end())) {
    return absl::InvalidArgumentError(absl::StrCat("kernel_shape is ", Shape(declared).ToString(),
                                                   ", the weights have ",
                                                   context.input_shape(1).ToString()));
  }
  return absl::OkStatus();
}

absl::Status CheckChannels(const NodeContext& context) {
  const Shape& x = context.input_shape(0);
  const Shape& w = context.input_shape(1);
  const int64_t groups = context.attributes().Int("group", 1);
  if (groups < 1 || x[1] % groups != 0 || w[0] % groups != 0 || w[1] != x[1] / groups) {
    return absl::InvalidArgumentError(absl::StrCat("input ", x.ToString(), " and weights ",
                                                   w.ToString(),
                                                   " do not fit with group = ", groups));
  }
  if (context.has_input(2)) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 2));
    DNND_RETURN_IF_ERROR(RequireShape(context, 2, Shape({w[0]}), "bias"));
  }
  return absl::OkStatus();
}

absl::Status InferConv(InferContext& context) {
  const Shape& x = context.input_shape(0);
  const Shape& w = context.input_shape(1);
  DNND_RETURN_IF_ERROR(RequireSpatialRank(x));
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  if (w.rank() != x.rank()) {
    return absl::InvalidArgumentError(absl::StrCat("input ", x.ToString(), " and weights ",
                                                   w.ToString(), " have different ranks"));
  }
  DNND_RETURN_IF_ERROR(CheckKernelShape(context));
  DNND_RETURN_IF_ERROR(CheckChannels(context));
  DNND_ASSIGN_OR_RETURN(const Window window,
                        ResolveWindow(context.attributes(), SpatialDims(x), SpatialDims(w), false));
  Dims dims = {x[0], w[0]};
  dims.insert(dims.end(), window.output.begin(), window.output.end());
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

// Adds weight * input to one row of outputs, over those positions whose input lies inside.
template <typename T>
void AddRow(const Window& window, int64_t offset, T weight, const T* input, T* output) {
  const int64_t stride = window.strides[2];
  const int64_t begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const int64_t last = window.input[2] - 1 - offset;
  const int64_t end = last < 0 ? 0 : std::min(window.output[2], last / stride + 1);
  for (int64_t i = begin; i < end; ++i) {
    output[i] += weight * input[i * stride + offset];
  }
}

// Adds the contribution of one input channel to one output channel.
template <typename T>
void AddChannel(const Window& w, const T* input, const T* weights, T* output) {
  for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
    for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
      for (int64_t kw = 0; kw < w.kernel[2]; ++kw, ++weights) {
        for (int64_t od = 0; od < w.output[0]; ++od) {
          const int64_t id = od * w.strides[0] - w.pads_begin[0] + kd * w.dilations[0];
          if (id < 0 || id >= w.input[0]) {
            continue;
          }
          for (int64_t oh = 0; oh < w.output[1]; ++oh) {
            const int64_t ih = oh * w.strides[1] - w.pads_begin[1] + kh * w.dilations[1];
            if (ih >= 0 && ih < w.input[1]) {
              AddRow(w, kw * w.dilations[2] - w.pads_begin[2], *weights,
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
void Convolve(const ReferenceContext& context, const Window& window) {
  const Shape& x = context.input(0).shape();
  const Shape& w = context.input(1).shape();
  const int64_t groups = context.attributes().Int("group", 1);
  const int64_t group_outputs = w[0] / groups;
  const int64_t input_plane = x.Product(2, x.rank());
  const int64_t kernel_size = w.Product(2, w.rank());
  const int64_t output_plane =
      context.output(0).shape().Product(2, context.output(0).shape().rank());
  const T* bias = context.has_input(2) ? context.input(2).data<T>() : nullptr;
  ParallelFor(x[0] * w[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t batch = plane / w[0];
      const int64_t channel = plane % w[0];
      const T* input = context.input(0).data<T>() +
                       (batch * x[1] + channel / group_outputs * w[1]) * input_plane;
      const T* weights = context.input(1).data<T>() + channel * w[1] * kernel_size;
      T* output = context.output(0).data<T>() + plane * output_plane;
      std::fill_n(output, output_plane, bias == nullptr ? T{0} : bias[channel]);
      for (int64_t c = 0; c < w[1]; ++c) {
        AddChannel(window, input + c * input_plane, weights + c * kernel_size, output);
      }
    }
  });
}

absl::Status ReferenceConv(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Window window,
                        ResolveWindow(context.attributes(), SpatialDims(context.input(0).shape()),
                                      SpatialDims(context.input(1).shape()), false));
  DNND_RETURN_IF_ERROR(Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    Convolve<T>(context, InThreeAxes(window));
    return absl::OkStatus();
  }));
  return ApplyPostOps(context);
}

Cost ConvCost(const CompileContext& context) {
  const Shape& w = context.input_shape(1);
  const int64_t outputs = context.output_shape(0).num_elements();
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = SaturatingProduct({outputs, w.Product(1, w.rank())});
  cost.other_operations =
      outputs * (context.has_input(2) + static_cast<int64_t>(context.node().post_ops.size()));
  return cost;
}

}  // namespace

extern const OpDef kConv = {.type = "Conv",
                            .min_inputs = 2,
                            .max_inputs = 3,
                            .infer = InferConv,
                            .reference = ReferenceConv,
                            .candidates = ConvCandidates,
                            .compile = CompileConv,
                            .accepts_post_op = ConvAcceptsPostOp,
                            .rows = RowsOfPictures,
                            .cost = ConvCost};

}  // namespace dnnd::engine
