// Comparisons and logic on two tensors with numpy broadcasting, and Where.
#include <functional>

#include "engine/base/status.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferWhere(InferContext& context) {
  if (context.input(0).type != DataType::kBool) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the condition has type ", DataTypeName(context.input(0).type), ", want bool"));
  }
  DNND_RETURN_IF_ERROR(RequireSameType(context, 1, 2));
  DNND_ASSIGN_OR_RETURN(Shape shape,
                        BroadcastShapes(context.input_shape(1), context.input_shape(2)));
  DNND_ASSIGN_OR_RETURN(shape, BroadcastShapes(shape, context.input_shape(0)));
  context.SetOutput(0, context.input(1).type, std::move(shape));
  return absl::OkStatus();
}

absl::Status ReferenceWhere(const ReferenceContext& context) {
  const TensorView& condition = context.input(0);
  const TensorView& x = context.input(1);
  const TensorView& y = context.input(2);
  const MutableTensorView& output = context.output(0);
  const BroadcastWalk<3> walk(output.shape(), {&condition.shape(), &x.shape(), &y.shape()});
  return Dispatch<PlainTypes>(x.type(), [&]<typename T>() {
    walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 3>& offsets) {
      const bool* chosen = condition.data<bool>() + offsets[0];
      const T* left = x.data<T>() + offsets[1];
      const T* right = y.data<T>() + offsets[2];
      T* out = output.data<T>() + row * walk.row_length();
      for (int64_t i = 0; i < walk.row_length(); ++i) {
        out[i] = chosen[i * walk.step(0)] ? left[i * walk.step(1)] : right[i * walk.step(2)];
      }
    });
    return absl::OkStatus();
  });
}

}  // namespace

extern const OpDef kAnd =
    BroadcastRow("And", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<BoolTypes>(context, std::logical_and<>());
    });

extern const OpDef kOr =
    BroadcastRow("Or", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<BoolTypes>(context, std::logical_or<>());
    });

extern const OpDef kXor =
    BroadcastRow("Xor", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<BoolTypes>(context, std::not_equal_to<>());
    });

extern const OpDef kEqual =
    BroadcastRow("Equal", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<PlainTypes>(context, std::equal_to<>());
    });

extern const OpDef kGreater =
    BroadcastRow("Greater", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<NumericTypes>(context, std::greater<>());
    });

extern const OpDef kGreaterOrEqual =
    BroadcastRow("GreaterOrEqual", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<NumericTypes>(context, std::greater_equal<>());
    });

extern const OpDef kLess =
    BroadcastRow("Less", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<NumericTypes>(context, std::less<>());
    });

extern const OpDef kLessOrEqual =
    BroadcastRow("LessOrEqual", 2, 2, InferBroadcastToBool, [](const ReferenceContext& context) {
      return CompareElements<NumericTypes>(context, std::less_equal<>());
    });

extern const OpDef kWhere = {.type = "Where",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = InferWhere,
                             .reference = ReferenceWhere,
                             .rows = RowsOfBroadcast};

}  // namespace dnnd::engine
