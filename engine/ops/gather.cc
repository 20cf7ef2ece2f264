// Gather: slabs of one axis by index; a negative index counts from the end.
#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/op_arguments.h"

namespace dnnd::engine {
namespace {

absl::Status InferGather(InferContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 0));
  const DataType index_type = context.input(1).type;
  if (index_type != DataType::kInt64 && index_type != DataType::kInt32) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices are ", context.input(1).ToString(), ", wanted int64 or int32"));
  }
  const auto data = context.input_shape(0).dims();
  const auto indices = context.input_shape(1).dims();
  Dims dims(data.begin(), data.begin() + axis);
  dims.insert(dims.end(), indices.begin(), indices.end());
  dims.insert(dims.end(), data.begin() + axis + 1, data.end());
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

template <typename T, typename Index>
absl::Status GatherTyped(const ReferenceContext& context, int axis, int64_t unit) {
  const Shape& data = context.input(0).shape();
  const int64_t outer = data.Product(0, axis);
  const int64_t inner = data.Product(axis + 1, data.rank()) * unit;
  const int64_t count = context.input(1).num_elements();
  const Index* indices = context.input(1).data<Index>();
  const T* source = context.input(0).data<T>();
  T* target = context.output(0).data<T>();
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = indices[i] < 0 ? indices[i] + data[axis] : indices[i];
      if (index < 0 || index >= data[axis]) {
        return absl::InvalidArgumentError(
            absl::StrCat("index ", indices[i], " is outside axis ", axis, " of ", data.ToString()));
      }
      target = std::copy_n(source + (o * data[axis] + index) * inner, inner, target);
    }
  }
  return absl::OkStatus();
}

absl::Status RunGather(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const bool wide = context.input(1).type() == DataType::kInt64;
  if (context.input(0).type() == DataType::kString) {
    return wide ? GatherTyped<std::string, int64_t>(context, axis, 1)
                : GatherTyped<std::string, int32_t>(context, axis, 1);
  }
  const int64_t bytes = ElementSize(context.input(0).type());
  return wide ? GatherTyped<uint8_t, int64_t>(context, axis, bytes)
              : GatherTyped<uint8_t, int32_t>(context, axis, bytes);
}

}  // namespace

extern const OpDef kGather = {.type = "Gather",
                              .min_inputs = 2,
                              .max_inputs = 2,
                              .infer = InferGather,
                              .reference = RunGather};

}  // namespace dnnd::engine
