// GatherND and ScatterND: slabs of the data, each named by a tuple of indices into its leading axes
// (after batch_dims axes that data and indices share).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/indices.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// Axes of the data: [0, batch) shared with the indices, [batch, first) named by a tuple, the others
// of the slab.
struct SlabAxes {
  int batch = 0;
  int first = 0;
};

absl::StatusOr<SlabAxes> ReadAxes(const Attributes& attributes, const Shape& data,
                                  const Shape& indices) {
  const int64_t batch = attributes.Int("batch_dims", 0);
  if (batch < 0 || batch >= indices.rank() || batch > data.rank() ||
      data.dims().subspan(0, batch) != indices.dims().subspan(0, batch)) {
    return absl::InvalidArgumentError(absl::StrCat("batch_dims is ", batch, " for data of ",
                                                   data.ToString(), " and indices of ",
                                                   indices.ToString()));
  }
  const int64_t length = indices[indices.rank() - 1];
  if (length < 1 || length > data.rank() - batch) {
    return absl::InvalidArgumentError(absl::StrCat("indices are ", indices.ToString(),
                                                   ": tuples of ", length, ", wanted 1 to the ",
                                                   data.rank() - batch, " axes of the data"));
  }
  return SlabAxes{static_cast<int>(batch), static_cast<int>(batch + length)};
}

// The shape of the indices without their tuples, and a slab for each.
absl::StatusOr<Shape> SlabsShape(const SlabAxes& axes, const Shape& data, const Shape& indices) {
  Dims dims(indices.dims().begin(), indices.dims().end() - 1);
  dims.insert(dims.end(), data.dims().begin() + axes.first, data.dims().end());
  return Shape::Create(dims);
}

// Calls visit(i, offset) for each tuple i, in order, with the offset of its slab in the data.
// INVALID_ARGUMENT for an index outside of its axis.
template <typename Index, typename Visit>
absl::Status ForEachTuple(const SlabAxes& axes, const Shape& data, const TensorView& indices,
                          const Visit& visit) {
  const int64_t batches = data.Product(0, axes.batch);
  const int64_t batch_size = data.Product(axes.batch, data.rank());
  const int length = axes.first - axes.batch;
  const int64_t tuples = indices.num_elements() / length;
  const Dims strides = data.Strides();
  const Index* index = indices.data<Index>();
  for (int64_t i = 0; i < tuples; ++i, index += length) {
    int64_t offset = i / (tuples / batches) * batch_size;
    for (int k = 0; k < length; ++k) {
      const int axis = axes.batch + k;
      const int64_t position = PositionOnAxis(index[k], data[axis]);
      if (position < 0) {
        return OutsideAxis(index[k], axis, data);
      }
      offset += position * strides[axis];
    }
    visit(i, offset);
  }
  return absl::OkStatus();
}

absl::Status InferGatherND(InferContext& context) {
  DNND_RETURN_IF_ERROR(RequireIndices(context, 1));
  const Shape& data = context.input_shape(0);
  const Shape& indices = context.input_shape(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes, ReadAxes(context.attributes(), data, indices));
  DNND_ASSIGN_OR_RETURN(Shape shape, SlabsShape(axes, data, indices));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::Status RunGatherND(const ReferenceContext& context) {
  const TensorView& data = context.input(0);
  const TensorView& indices = context.input(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes,
                        ReadAxes(context.attributes(), data.shape(), indices.shape()));
  const int64_t slab = data.shape().Product(axes.first, data.shape().rank());
  return DispatchBySize(data.type(), [&]<typename T>() {
    const T* source = data.data<T>();
    T* target = context.output(0).data<T>();
    return Dispatch<IndexTypes>(indices.type(), [&]<typename Index>() {
      return ForEachTuple<Index>(axes, data.shape(), indices, [&](int64_t i, int64_t offset) {
        std::copy_n(source + offset, slab, target + i * slab);
      });
    });
  });
}

absl::StatusOr<RowAxis> RowsOfGatherND(const RowsContext& context) {
  const Shape& indices = context.input_shape(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes,
                        ReadAxes(context.attributes(), context.input_shape(0), indices));
  const RowAxis rows = context.rows(0).has_value() ? *context.rows(0) : *context.rows(1);
  if (rows.axis < axes.batch) {
    for (int i = 0; i < 2; ++i) {
      if (!context.rows(i).has_value()) {
        DNND_RETURN_IF_ERROR(context.CheckShared(i, rows.axis));
      } else if (!(*context.rows(i) == rows)) {
        return RowsMix();
      }
    }
    return rows;
  }
  if (!context.rows(0).has_value() && rows.axis < indices.rank() - 1) {
    DNND_RETURN_IF_ERROR(context.CheckShared(0));  // each row has tuples of its own
    return rows;
  }
  if (!context.rows(0).has_value() || rows.axis < axes.first) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckShared(1));  // each row has slabs of its own
  return RowAxis{rows.axis - axes.first + indices.rank() - 1, rows.inner};
}

absl::Status InferScatterND(InferContext& context) {
  DNND_RETURN_IF_ERROR(RequireIndices(context, 1));
  DNND_RETURN_IF_ERROR(ReductionOf(context.attributes()).status());
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 2));
  const Shape& data = context.input_shape(0);
  const Shape& indices = context.input_shape(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes, ReadAxes(Attributes(), data, indices));
  DNND_ASSIGN_OR_RETURN(const Shape updates, SlabsShape(axes, data, indices));
  DNND_RETURN_IF_ERROR(RequireShape(context, 2, updates, "updates"));
  return InferSameAsInput(context);
}

absl::Status RunScatterND(const ReferenceContext& context) {
  const TensorView& data = context.input(0);
  const TensorView& indices = context.input(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes, ReadAxes(Attributes(), data.shape(), indices.shape()));
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReductionOf(context.attributes()));
  const int64_t slab = data.shape().Product(axes.first, data.shape().rank());
  return DispatchUpdates(reduction, data.type(), [&]<typename T>(const auto& join) {
    const T* updates = context.input(2).data<T>();
    T* target = context.output(0).data<T>();
    std::copy_n(data.data<T>(), data.num_elements(), target);
    return Dispatch<IndexTypes>(indices.type(), [&]<typename Index>() {
      return ForEachTuple<Index>(axes, data.shape(), indices, [&](int64_t i, int64_t offset) {
        T* there = target + offset;
        std::transform(there, there + slab, updates + i * slab, there, join);
      });
    });
  });
}

absl::StatusOr<RowAxis> RowsOfScatterND(const RowsContext& context) {
  const Shape& indices = context.input_shape(1);
  DNND_ASSIGN_OR_RETURN(const SlabAxes axes,
                        ReadAxes(Attributes(), context.input_shape(0), indices));
  // Of slabs, which hold a part of every row; tuples that name rows are for one number of them.
  if (!context.rows(0).has_value() || context.rows(0)->axis < axes.first) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckShared(1));
  const RowAxis rows = *context.rows(0);
  const RowAxis of_updates = {rows.axis - axes.first + indices.rank() - 1, rows.inner};
  if (!context.rows(2).has_value()) {
    DNND_RETURN_IF_ERROR(context.CheckShared(2, of_updates.axis));
  } else if (!(*context.rows(2) == of_updates)) {
    return RowsMix();
  }
  return rows;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__GatherND.html
extern const OpDef kGatherND = {.type = "GatherND",
                                .min_inputs = 2,
                                .max_inputs = 2,
                                .infer = InferGatherND,
                                .reference = RunGatherND,
                                .rows = RowsOfGatherND};

// https://onnx.ai/onnx/operators/onnx__ScatterND.html
extern const OpDef kScatterND = {.type = "ScatterND",
                                 .min_inputs = 3,
                                 .max_inputs = 3,
                                 .infer = InferScatterND,
                                 .reference = RunScatterND,
                                 .rows = RowsOfScatterND};

}  // namespace dnnd::engine
