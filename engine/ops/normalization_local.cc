// LRN(x [n,c,…]): y = x / (bias + alpha / size * Σ x²)^beta, the sum over `size` neighbouring
// channels.
#include <algorithm>
#include <cmath>

#include "engine/base/status.h"
#include "engine/onednn/lrn.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferLrn(InferContext& context) {
  if (context.input_shape(0).rank() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", context.input_shape(0).ToString(), ", want [n,c,…]"));
  }
  if (context.attributes().Int("size", 0) < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("size is ", context.attributes().Int("size", 0), ", want at least 1"));
  }
  return InferSameAsInput(context);
}

template <typename T>
struct LrnChannels {
  int64_t channels, plane, before, after;
  T alpha_per_channel, beta, bias;
};

template <typename T>
void NormalizeImage(const LrnChannels<T>& lrn, const T* x, T* y) {
  for (int64_t c = 0; c < lrn.channels; ++c) {
    T* out = y + c * lrn.plane;
    std::fill_n(out, lrn.plane, T{0});
    const int64_t end = c + std::min(lrn.after, lrn.channels - 1 - c);
    for (int64_t other = c - std::min(lrn.before, c); other <= end; ++other) {
      const T* in = x + other * lrn.plane;
      for (int64_t i = 0; i < lrn.plane; ++i) {
        out[i] += in[i] * in[i];
      }
    }
    const T* in = x + c * lrn.plane;
    for (int64_t i = 0; i < lrn.plane; ++i) {
      out[i] = in[i] / std::pow(lrn.bias + lrn.alpha_per_channel * out[i], lrn.beta);
    }
  }
}

absl::Status ReferenceLrn(const ReferenceContext& context) {
  const Attributes& attributes = context.attributes();
  const Shape& shape = context.input(0).shape();
  const int64_t size = attributes.Int("size", 1);
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    const LrnChannels<T> lrn{
        .channels = shape[1],
        .plane = shape.Product(2, shape.rank()),
        .before = (size - 1) / 2,
        .after = size - 1 - (size - 1) / 2,
        .alpha_per_channel = attributes.Float("alpha", 1e-4f) / static_cast<T>(size),
        .beta = attributes.Float("beta", 0.75f),
        .bias = attributes.Float("bias", 1)};
    for (int64_t n = 0; n < shape[0]; ++n) {
      const int64_t offset = n * lrn.channels * lrn.plane;
      NormalizeImage(lrn, context.input(0).data<T>() + offset,
                     context.output(0).data<T>() + offset);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileLrn(const CompileContext& context,
                                                   const Candidate& candidate) {
  constexpr int64_t kMostChannels = 31;
  if (context.attributes().Int("size", 1) > kMostChannels) {
    return absl::UnimplementedError("a window of so many channels is the reference kernel's");
  }
  return onednn::MakeLrn({.type = context.input(0),
                          .layout = candidate.inputs[0],
                          .size = context.attributes().Int("size", 1),
                          .alpha = context.attributes().Float("alpha", 1e-4f),
                          .beta = context.attributes().Float("beta", 0.75f),
                          .bias = context.attributes().Float("bias", 1)});
}

// The squares of a window, then the power and the quotient.
Cost LrnCost(const CompileContext& context) {
  const int64_t elements = context.output_shape(0).num_elements();
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = SaturatingProduct(
      {elements, std::min(context.attributes().Int("size", 1), context.input_shape(0)[1])});
  cost.other_operations = 3 * elements;
  return cost;
}

}  // namespace

extern const OpDef kLRN = {.type = "LRN",
                           .min_inputs = 1,
                           .max_inputs = 1,
                           .infer = InferLrn,
                           .reference = ReferenceLrn,
                           .candidates = FlatCandidates,
                           .compile = CompileLrn,
                           .rows = RowsOfPictures,
                           .cost = LrnCost};

}  // namespace dnnd::engine
