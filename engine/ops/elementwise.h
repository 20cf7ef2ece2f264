// Reference kernels of operators that work element by element, from a function of one element.
#ifndef DNND_ENGINE_OPS_ELEMENTWISE_H_
#define DNND_ENGINE_OPS_ELEMENTWISE_H_

#include "engine/ops/broadcast.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// y[i] = function(x[i]), for elements of `Types`; y has the type of x.
template <typename Types, typename Function>
absl::Status MapElements(const ReferenceContext& context, const Function& function) {
  return Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    const T* x = context.input(0).data<T>();
    T* y = context.output(0).data<T>();
    const int64_t count = context.output(0).num_elements();
    for (int64_t i = 0; i < count; ++i) {
      y[i] = static_cast<T>(function(x[i]));
    }
    return absl::OkStatus();
  });
}

// y = function(a, b) with broadcasting, over typed memory.
template <typename In, typename Out, typename Function>
void CombineBroadcast(const TensorView& a, const TensorView& b, const MutableTensorView& y,
                      const Function& function) {
  const BroadcastWalk<2> walk(y.shape(), {&a.shape(), &b.shape()});
  const int64_t length = walk.row_length();
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    const In* left = a.data<In>() + offsets[0];
    const In* right = b.data<In>() + offsets[1];
    Out* out = y.data<Out>() + row * length;
    const int64_t left_step = walk.step(0);
    const int64_t right_step = walk.step(1);
    for (int64_t i = 0; i < length; ++i) {
      out[i] = static_cast<Out>(function(left[i * left_step], right[i * right_step]));
    }
  });
}

// Inputs 0 and 1 combined, for elements of `Types`; y has their type.
template <typename Types, typename Function>
absl::Status CombineElements(const ReferenceContext& context, const Function& function) {
  return Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    CombineBroadcast<T, T>(context.input(0), context.input(1), context.output(0), function);
    return absl::OkStatus();
  });
}

// The same where the result is bool.
template <typename Types, typename Function>
absl::Status CompareElements(const ReferenceContext& context, const Function& function) {
  return Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    CombineBroadcast<T, bool>(context.input(0), context.input(1), context.output(0), function);
    return absl::OkStatus();
  });
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_ELEMENTWISE_H_
