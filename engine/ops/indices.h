// Tensors whose elements say where on an axis something is read or written. They come from outside:
// each one is checked before it is used.
#ifndef DNND_ENGINE_OPS_INDICES_H_
#define DNND_ENGINE_OPS_INDICES_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_def.h"
#include "engine/ops/scalar_functions.h"

namespace dnnd::engine {

// INVALID_ARGUMENT unless input i is int32 or int64.
absl::Status RequireIndices(const NodeContext& context, int i);

// The position on an axis of `extent` that `index` names, where a negative one counts from the end;
// negative when there is none.
inline int64_t PositionOnAxis(int64_t index, int64_t extent) {
  const int64_t position = index < 0 ? index + extent : index;
  return position < extent ? position : -1;
}

// What is said when there is none.
absl::Status OutsideAxis(int64_t index, int axis, const Shape& data);

// How an update joins the element that is there.
enum class Reduction { kNone, kAdd, kMul, kMax, kMin };

// Attribute "reduction"; INVALID_ARGUMENT when it names none of these.
absl::StatusOr<Reduction> ReductionOf(const Attributes& attributes);

template <typename T>
T Reduce(Reduction reduction, T there, T update) {
  switch (reduction) {
    case Reduction::kNone:
      return update;
    case Reduction::kAdd:
      return Wrapping(there, update, std::plus<>());
    case Reduction::kMul:
      return Wrapping(there, update, std::multiplies<>());
    case Reduction::kMax:
      return Greater(there, update);
    case Reduction::kMin:
      return Lesser(there, update);
  }
  return update;
}

// What `visitor` returns, called as visitor.operator()<T>(join) for elements of `type`, where
// join(there, update) is the new element. Without a reduction for every type, else for numbers.
template <typename Visitor>
absl::Status DispatchUpdates(Reduction reduction, DataType type, const Visitor& visitor) {
  if (reduction == Reduction::kNone) {
    return DispatchBySize(type, [&]<typename T>() {
      return visitor.template operator()<T>([](const T&, const T& update) { return update; });
    });
  }
  return Dispatch<NumericTypes>(type, [&]<typename T>() {
    return visitor.template operator()<T>(
        [reduction](T there, T update) { return Reduce(reduction, there, update); });
  });
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_INDICES_H_
