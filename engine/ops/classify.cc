// IsNaN and IsInf: which elements are no finite numbers.
#include <cmath>

#include "engine/ops/dispatch.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"

namespace dnnd::engine {
namespace {

// y[i] = predicate(x[i]).
template <typename Predicate>
absl::Status TestElements(const ReferenceContext& context, const Predicate& predicate) {
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    const T* x = context.input(0).data<T>();
    bool* y = context.output(0).data<bool>();
    for (int64_t i = 0; i < context.input(0).num_elements(); ++i) {
      y[i] = predicate(x[i]);
    }
    return absl::OkStatus();
  });
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__IsNaN.html
extern const OpDef kIsNaN =
    BroadcastRow("IsNaN", 1, 1, InferBroadcastToBool, [](const ReferenceContext& context) {
      return TestElements(context, [](auto x) { return std::isnan(x); });
    });

// https://onnx.ai/onnx/operators/onnx__IsInf.html
extern const OpDef kIsInf =
    BroadcastRow("IsInf", 1, 1, InferBroadcastToBool, [](const ReferenceContext& context) {
      const bool positive = context.attributes().Int("detect_positive", 1) != 0;
      const bool negative = context.attributes().Int("detect_negative", 1) != 0;
      return TestElements(context,
                          [=](auto x) { return std::isinf(x) && (x > 0 ? positive : negative); });
    });

}  // namespace dnnd::engine
