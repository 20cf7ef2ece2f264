// OneHot: an axis of `depth` positions more, of which the one that an index names is on.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/indices.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// Of an index or a depth of any type; `absent` for one that no int64 holds.
template <typename T>
int64_t WholeNumber(T value, int64_t absent) {
  if constexpr (std::is_floating_point_v<T>) {
    // Also false for NaN. The least int64 is a power of two, the greatest is not.
    constexpr T kBound = -static_cast<T>(std::numeric_limits<int64_t>::min());
    return value >= -kBound && value < kBound ? static_cast<int64_t>(value) : absent;
  } else {
    return std::in_range<int64_t>(value) ? static_cast<int64_t>(value) : absent;
  }
}

absl::Status InferOneHot(InferContext& context) {
  const Tensor* depths = context.constant(1);
  if (depths == nullptr) {
    return UnknownElementsError(1);
  }
  const TensorType& values = context.input(2);
  if (depths->num_elements() != 1 || values.shape != Shape({2})) {
    return absl::InvalidArgumentError(absl::StrCat("depth is ", context.input(1).ToString(),
                                                   " and values are ", values.ToString(),
                                                   ", wanted one element and two"));
  }
  int64_t depth = -1;
  DNND_RETURN_IF_ERROR(Dispatch<NumericTypes>(depths->type(), [&]<typename T>() {
    depth = WholeNumber(*depths->data<T>(), -1);
    return absl::OkStatus();
  }));
  const auto indices = context.input_shape(0).dims();
  DNND_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(context.attributes().Int("axis", -1),
                                                      context.input_shape(0).rank() + 1));
  Dims dims(indices.begin(), indices.end());
  dims.insert(dims.begin() + axis, depth);
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, values.type, std::move(shape));
  return absl::OkStatus();
}

absl::Status RunOneHot(const ReferenceContext& context) {
  const Shape& shape = context.output(0).shape();
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), shape.rank()));
  const TensorView& indices = context.input(0);
  const int64_t depth = shape[axis];
  const int64_t inner = shape.Product(axis + 1, shape.rank());
  return DispatchBySize(context.input(2).type(), [&]<typename T>() {
    const T* values = context.input(2).data<T>();  // off, on
    T* target = context.output(0).data<T>();
    std::fill_n(target, shape.num_elements(), values[0]);
    return Dispatch<NumericTypes>(indices.type(), [&]<typename Index>() {
      for (int64_t i = 0; i < indices.num_elements(); ++i) {
        const int64_t index = WholeNumber(indices.data<Index>()[i], depth);
        const int64_t position = PositionOnAxis(index, depth);
        if (position >= 0) {
          target[(i / inner * depth + position) * inner + i % inner] = values[1];
        }
      }
      return absl::OkStatus();
    });
  });
}

absl::StatusOr<RowAxis> RowsOfOneHot(const RowsContext& context) {
  const int rank = context.output_shape(0).rank();
  DNND_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(context.attributes().Int("axis", -1), rank));
  DNND_ASSIGN_OR_RETURN(RowAxis rows, RowsBeforeAxis(context, rank));
  rows.axis += axis <= rows.axis ? 1 : 0;
  return rows;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__OneHot.html
extern const OpDef kOneHot = {.type = "OneHot",
                              .min_inputs = 3,
                              .max_inputs = 3,
                              .infer = InferOneHot,
                              .reference = RunOneHot,
                              .rows = RowsOfOneHot};

}  // namespace dnnd::engine
