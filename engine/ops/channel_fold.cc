// Operators of our own, by which passes fold a scale and a shift by channel into weights. They
// stand in recipes only: their inputs are constants, and new weights go through them when they are
// bound. They take their parameters as attributes where ONNX would want constants, so that a recipe
// depends on nothing but the model's own weights.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/ops/op_helpers.h"

namespace dnnd::engine {
namespace {

// Element `c` of a parameter with an element a channel, or one for all.
template <typename T>
T ByChannel(const TensorView& parameter, int64_t c) {
  return parameter.data<T>()[parameter.num_elements() == 1 ? 0 : c];
}

// INVALID_ARGUMENT unless every input from `first` on has one element, or `channels`, and the type
// of the first that there is.
absl::Status CheckParameters(const InferContext& context, int first, int64_t channels) {
  int type_of = 0;
  while (type_of + 1 < context.num_inputs() && !context.has_input(type_of)) {
    ++type_of;
  }
  for (int i = first; i < context.num_inputs(); ++i) {
    if (!context.has_input(i)) {
      continue;
    }
    DNND_RETURN_IF_ERROR(RequireSameType(context, type_of, i));
    const int64_t elements = context.input_shape(i).num_elements();
    if (elements != 1 && elements != channels) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", i, " is ", context.input(i).ToString(), ", wanted ", channels, " elements"));
    }
  }
  return absl::OkStatus();
}

// ChannelScale(scale, variance): scale / sqrt(variance + epsilon).
absl::Status InferChannelScale(InferContext& context) {
  const int64_t channels = context.input_shape(0).num_elements();
  DNND_RETURN_IF_ERROR(CheckParameters(context, 1, channels));
  context.SetOutput(0, context.input(0).type, Shape({channels}));
  return absl::OkStatus();
}

absl::Status RunChannelScale(const ReferenceContext& context) {
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  return Dispatch<FloatTypes>(context.output(0).type(), [&]<typename T>() {
    for (int64_t c = 0; c < context.output(0).num_elements(); ++c) {
      const double deviation = std::sqrt(ByChannel<T>(context.input(1), c) + epsilon);
      context.output(0).data<T>()[c] =
          static_cast<T>(ByChannel<T>(context.input(0), c) / deviation);
    }
    return absl::OkStatus();
  });
}

// ScaleChannels(weights, scale): weights times the scale of their channel, which is `axis`.
absl::Status InferScaleChannels(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  DNND_RETURN_IF_ERROR(CheckParameters(context, 1, context.input_shape(0)[axis]));
  context.SetOutput(0, context.input(0).type, context.input_shape(0));
  return absl::OkStatus();
}

absl::Status RunScaleChannels(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const Shape& shape = context.input(0).shape();
  const int64_t outer = shape.Product(0, axis);
  const int64_t inner = shape.Product(axis + 1, shape.rank());
  return Dispatch<FloatTypes>(context.output(0).type(), [&]<typename T>() {
    const T* from = context.input(0).data<T>();
    T* to = context.output(0).data<T>();
    for (int64_t i = 0; i < outer * shape[axis]; ++i, from += inner, to += inner) {
      const T scale = ByChannel<T>(context.input(1), i % shape[axis]);
      for (int64_t k = 0; k < inner; ++k) {
        to[k] = from[k] * scale;
      }
    }
    return absl::OkStatus();
  });
}

// ChannelBias(bias?, scale?, shift?, mean?): (bias - mean) * scale + shift, for `channels`
// channels.
absl::Status InferChannelBias(InferContext& context) {
  const int64_t channels = context.attributes().Int("channels", 1);
  DNND_RETURN_IF_ERROR(CheckParameters(context, 0, channels));
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (context.has_input(i)) {
      context.SetOutput(0, context.input(i).type, Shape({channels}));
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("wanted at least one input");
}

absl::Status RunChannelBias(const ReferenceContext& context) {
  return Dispatch<FloatTypes>(context.output(0).type(), [&]<typename T>() {
    const auto at = [&](int i, int64_t c, double absent) {
      return context.has_input(i) ? static_cast<double>(ByChannel<T>(context.input(i), c)) : absent;
    };
    for (int64_t c = 0; c < context.output(0).num_elements(); ++c) {
      context.output(0).data<T>()[c] =
          static_cast<T>((at(0, c, 0) - at(3, c, 0)) * at(1, c, 1) + at(2, c, 0));
    }
    return absl::OkStatus();
  });
}

}  // namespace

extern const OpDef kChannelScale = {.type = "dnnd.ChannelScale",
                                    .min_inputs = 2,
                                    .max_inputs = 2,
                                    .infer = InferChannelScale,
                                    .reference = RunChannelScale};

extern const OpDef kScaleChannels = {.type = "dnnd.ScaleChannels",
                                     .min_inputs = 2,
                                     .max_inputs = 2,
                                     .infer = InferScaleChannels,
                                     .reference = RunScaleChannels};

extern const OpDef kChannelBias = {.type = "dnnd.ChannelBias",
                                   .min_inputs = 0,
                                   .max_inputs = 4,
                                   .infer = InferChannelBias,
                                   .reference = RunChannelBias};

}  // namespace dnnd::engine
