// GatherElements and ScatterElements: the element at each place of the indices is that of the same
// place in the data, but for one axis, on which the index says where.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/indices.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// Returns the axis. INVALID_ARGUMENT unless indices (input 1) lie within the data (input 0) but for
// this axis.
absl::StatusOr<int> CheckIndices(const InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  DNND_RETURN_IF_ERROR(RequireIndices(context, 1));
  const Shape& data = context.input_shape(0);
  const Shape& indices = context.input_shape(1);
  bool within = indices.rank() == data.rank();
  for (int a = 0; within && a < data.rank(); ++a) {
    within = a == axis || indices[a] <= data[a];
  }
  if (!within) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices are ", indices.ToString(), " for data of ", data.ToString(),
                     ", wanted no more than these but for axis ", axis));
  }
  return axis;
}

// Calls visit(i, offset) for each place i of `indices`, in order, with the offset of the element in
// `data` that it names. INVALID_ARGUMENT for an index outside of the axis.
template <typename Index, typename Visit>
absl::Status ForEachIndex(const Shape& data, int axis, const TensorView& indices,
                          const Visit& visit) {
  const Shape& shape = indices.shape();
  const int last = shape.rank() - 1;
  Dims strides = data.Strides();
  const int64_t along = strides[axis];
  strides[axis] = 0;
  const Index* index = indices.data<Index>();
  const int64_t rows = shape[last] == 0 ? 0 : indices.num_elements() / shape[last];
  for (int64_t row = 0; row < rows; ++row) {
    int64_t offset = 0;
    int64_t rest = row;
    for (int a = last - 1; a >= 0; --a) {
      offset += rest % shape[a] * strides[a];
      rest /= shape[a];
    }
    for (int64_t i = row * shape[last]; i < (row + 1) * shape[last]; ++i) {
      const int64_t position = PositionOnAxis(index[i], data[axis]);
      if (position < 0) {
        return OutsideAxis(index[i], axis, data);
      }
      visit(i, offset + position * along);
      offset += strides[last];
    }
  }
  return absl::OkStatus();
}

absl::Status InferGatherElements(InferContext& context) {
  DNND_RETURN_IF_ERROR(CheckIndices(context).status());
  context.SetOutput(0, context.input(0).type, context.input_shape(1));
  return absl::OkStatus();
}

absl::Status RunGatherElements(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  return DispatchBySize(context.input(0).type(), [&]<typename T>() {
    const T* source = context.input(0).data<T>();
    T* target = context.output(0).data<T>();
    return Dispatch<IndexTypes>(context.input(1).type(), [&]<typename Index>() {
      return ForEachIndex<Index>(context.input(0).shape(), axis, context.input(1),
                                 [&](int64_t i, int64_t offset) { target[i] = source[offset]; });
    });
  });
}

absl::StatusOr<RowAxis> RowsOfGatherElements(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  if (!context.rows(0).has_value() && context.rows(1)->axis == axis) {
    DNND_RETURN_IF_ERROR(context.CheckShared(0));  // each row looks up its own of one table
    return *context.rows(1);
  }
  // Ranks are equal: nothing is broadcast, but the places of all inputs are the same.
  DNND_ASSIGN_OR_RETURN(const RowAxis rows, RowsOfBroadcast(context));
  return rows.axis == axis ? RowsMix() : absl::StatusOr<RowAxis>(rows);
}

absl::Status InferScatterElements(InferContext& context) {
  DNND_RETURN_IF_ERROR(CheckIndices(context).status());
  DNND_RETURN_IF_ERROR(ReductionOf(context.attributes()).status());
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 2));
  DNND_RETURN_IF_ERROR(RequireShape(context, 2, context.input_shape(1), "updates"));
  return InferSameAsInput(context);
}

absl::Status RunScatterElements(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReductionOf(context.attributes()));
  const TensorView& data = context.input(0);
  return DispatchUpdates(reduction, data.type(), [&]<typename T>(const auto& join) {
    const T* updates = context.input(2).data<T>();
    T* target = context.output(0).data<T>();
    std::copy_n(data.data<T>(), data.num_elements(), target);
    return Dispatch<IndexTypes>(context.input(1).type(), [&]<typename Index>() {
      return ForEachIndex<Index>(
          data.shape(), axis, context.input(1),
          [&](int64_t i, int64_t offset) { target[offset] = join(target[offset], updates[i]); });
    });
  });
}

absl::StatusOr<RowAxis> RowsOfScatterElements(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(const RowAxis rows, RowsOfBroadcast(context));
  // Indices for the first rows alone would leave the others as they are.
  if (rows.axis == axis || context.input_shape(1)[rows.axis] != context.input_shape(0)[rows.axis]) {
    return RowsMix();
  }
  return rows;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__GatherElements.html
extern const OpDef kGatherElements = {.type = "GatherElements",
                                      .min_inputs = 2,
                                      .max_inputs = 2,
                                      .infer = InferGatherElements,
                                      .reference = RunGatherElements,
                                      .rows = RowsOfGatherElements};

// https://onnx.ai/onnx/operators/onnx__ScatterElements.html
extern const OpDef kScatterElements = {.type = "ScatterElements",
                                       .min_inputs = 3,
                                       .max_inputs = 3,
                                       .infer = InferScatterElements,
                                       .reference = RunScatterElements,
                                       .rows = RowsOfScatterElements};

}  // namespace dnnd::engine
