// Shape and Size: what is known of a tensor without its elements. Specialisation folds both.
#include <algorithm>

#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// The axes [begin, end) that Shape lists.
struct AxisRange {
  int begin;
  int end;
};

AxisRange ListedAxes(const Attributes& attributes, int rank) {
  const auto clamped = [&](int64_t axis) {
    return static_cast<int>(std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank));
  };
  const int begin = clamped(attributes.Int("start", 0));
  return {begin, std::max(begin, clamped(attributes.Int("end", rank)))};
}

absl::Status InferShape(InferContext& context) {
  const AxisRange axes = ListedAxes(context.attributes(), context.input_shape(0).rank());
  context.SetOutput(0, DataType::kInt64, Shape({axes.end - axes.begin}));
  return absl::OkStatus();
}

absl::Status RunShape(const ReferenceContext& context) {
  const Shape& shape = context.input(0).shape();
  const AxisRange axes = ListedAxes(context.attributes(), shape.rank());
  std::copy(shape.dims().begin() + axes.begin, shape.dims().begin() + axes.end,
            context.output(0).data<int64_t>());
  return absl::OkStatus();
}

absl::Status InferSize(InferContext& context) {
  context.SetOutput(0, DataType::kInt64, Shape());
  return absl::OkStatus();
}

absl::Status RunSize(const ReferenceContext& context) {
  *context.output(0).data<int64_t>() = context.input(0).num_elements();
  return absl::OkStatus();
}

}  // namespace

extern const OpDef kShape = {
    .type = "Shape", .min_inputs = 1, .max_inputs = 1, .infer = InferShape, .reference = RunShape};

extern const OpDef kSize = {
    .type = "Size", .min_inputs = 1, .max_inputs = 1, .infer = InferSize, .reference = RunSize};

}  // namespace dnnd::engine
