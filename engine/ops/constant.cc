// ConstantOfShape and Range: tensors made from parameters. (Constant nodes become constants of the
// graph when a model is imported.)
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/strided_copy.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<Tensor> FillValue(const Attributes& attributes) {
  if (!attributes.Has("value")) {
    return Tensor::Scalar(0.0f);
  }
  Tensor value = attributes.TensorValue("value");
  if (!value.defined() || value.num_elements() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("value is ", value.tensor_type().ToString(), ", wanted one element"));
  }
  return value;
}

absl::Status InferConstantOfShape(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const Tensor value, FillValue(context.attributes()));
  DNND_ASSIGN_OR_RETURN(const Dims dims, OpArguments(context).Int64s(0));
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, value.type(), std::move(shape));
  return absl::OkStatus();
}

absl::Status RunConstantOfShape(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Tensor value, FillValue(context.attributes()));
  Move fill;  // every axis of the source has stride 0
  const Shape& shape = context.output(0).shape();
  fill.extents.assign(shape.dims().begin(), shape.dims().end());
  fill.source_strides.assign(shape.rank(), 0);
  fill.target_strides = shape.Strides();
  const void* source = value.view().raw();
  void* target = context.output(0).raw();
  RunMoves({Normalized(fill)}, value.type(), {source}, {target});
  return absl::OkStatus();
}

// The number of elements of [start, limit) by `delta`.
template <typename T>
absl::StatusOr<int64_t> RangeCount(const T* start, const T* limit, const T* delta) {
  const double count =
      std::ceil((static_cast<double>(*limit) - static_cast<double>(*start)) / *delta);
  // Also false for NaN, which a zero delta makes.
  if (!(std::fabs(count) < static_cast<double>(kMaxTensorBytes))) {
    return absl::InvalidArgumentError(
        absl::StrCat("start ", *start, ", limit ", *limit, ", delta ", *delta, " has no end"));
  }
  return std::max<int64_t>(static_cast<int64_t>(count), 0);
}

template <typename T>
absl::StatusOr<int64_t> CountOf(const InferContext& context) {
  return RangeCount(context.constant(0)->data<T>(), context.constant(1)->data<T>(),
                    context.constant(2)->data<T>());
}

absl::Status InferRange(InferContext& context) {
  const DataType type = context.input(0).type;
  for (int i = 0; i < 3; ++i) {
    if (context.input(i).type != type || context.input_shape(i).num_elements() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " is ", context.input(i).ToString(), ", wanted one element of ",
                       DataTypeName(type)));
    }
    if (context.constant(i) == nullptr) {
      return UnknownElementsError(i);
    }
  }
  absl::StatusOr<int64_t> count = absl::UnimplementedError(
      absl::StrCat("a range of ", DataTypeName(type), " is not supported"));
  if (type == DataType::kFloat32) {
    count = CountOf<float>(context);
  } else if (type == DataType::kFloat64) {
    count = CountOf<double>(context);
  } else if (type == DataType::kInt16) {
    count = CountOf<int16_t>(context);
  } else if (type == DataType::kInt32) {
    count = CountOf<int32_t>(context);
  } else if (type == DataType::kInt64) {
    count = CountOf<int64_t>(context);
  }
  DNND_RETURN_IF_ERROR(count.status());
  context.SetOutput(0, type, Shape({*count}));
  return absl::OkStatus();
}

template <typename T>
absl::Status FillRange(const ReferenceContext& context) {
  const T start = *context.input(0).data<T>();
  const T delta = *context.input(2).data<T>();
  T* target = context.output(0).data<T>();
  for (int64_t i = 0; i < context.output(0).num_elements(); ++i) {
    if constexpr (std::is_integral_v<T>) {  // unsigned: the last step may leave the type
      target[i] = static_cast<T>(static_cast<uint64_t>(start) +
                                 static_cast<uint64_t>(i) * static_cast<uint64_t>(delta));
    } else {
      target[i] = start + static_cast<T>(i) * delta;
    }
  }
  return absl::OkStatus();
}

absl::Status RunRange(const ReferenceContext& context) {
  switch (context.output(0).type()) {
    case DataType::kFloat32:
      return FillRange<float>(context);
    case DataType::kFloat64:
      return FillRange<double>(context);
    case DataType::kInt16:
      return FillRange<int16_t>(context);
    case DataType::kInt32:
      return FillRange<int32_t>(context);
    default:
      return FillRange<int64_t>(context);
  }
}

}  // namespace

extern const OpDef kConstantOfShape = {.type = "ConstantOfShape",
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .infer = InferConstantOfShape,
                                       .reference = RunConstantOfShape};

extern const OpDef kRange = {
    .type = "Range", .min_inputs = 3, .max_inputs = 3, .infer = InferRange, .reference = RunRange};

}  // namespace dnnd::engine
