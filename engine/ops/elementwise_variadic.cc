// Max, Min, Sum and Mean of any number of tensors with numpy broadcasting.
#include <algorithm>
#include <functional>

#include "engine/base/status.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/scalar_functions.h"

namespace dnnd::engine {
namespace {

// y = input 0 broadcast, then y = function(y, input i) for the others.
template <typename Types, typename Function>
absl::Status Fold(const ReferenceContext& context, const Function& function) {
  const MutableTensorView& y = context.output(0);
  return Dispatch<Types>(y.type(), [&]<typename T>() {
    const TensorView& first = context.input(0);
    CombineBroadcast<T, T>(first, first, y, [](T a, T) { return a; });
    for (int i = 1; i < context.num_inputs(); ++i) {
      CombineBroadcast<T, T>(y, context.input(i), y, function);
    }
    return absl::OkStatus();
  });
}

absl::Status ReferenceMean(const ReferenceContext& context) {
  DNND_RETURN_IF_ERROR(Fold<FloatTypes>(context, std::plus<>()));
  const MutableTensorView& y = context.output(0);
  return Dispatch<FloatTypes>(y.type(), [&]<typename T>() {
    const T count = context.num_inputs();
    std::for_each_n(y.data<T>(), y.num_elements(), [=](T& sum) { sum /= count; });
    return absl::OkStatus();
  });
}

}  // namespace

extern const OpDef kMax = BroadcastRow(
    "Max", 1, kVariadic, InferBroadcast,
    [](const ReferenceContext& context) {
      return Fold<NumericTypes>(context, [](auto a, auto b) { return Greater(a, b); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return Greater(a, b); });
    });

extern const OpDef kMin = BroadcastRow(
    "Min", 1, kVariadic, InferBroadcast,
    [](const ReferenceContext& context) {
      return Fold<NumericTypes>(context, [](auto a, auto b) { return Lesser(a, b); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return Lesser(a, b); });
    });

extern const OpDef kSum = BroadcastRow(
    "Sum", 1, kVariadic, InferBroadcast,
    [](const ReferenceContext& context) { return Fold<FloatTypes>(context, std::plus<>()); },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return a + b; });
    });

extern const OpDef kMean = BroadcastRow("Mean", 1, kVariadic, InferBroadcast, ReferenceMean);

}  // namespace dnnd::engine
