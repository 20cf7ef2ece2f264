#include "engine/ops/op_helpers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<Shape> BroadcastAll(const NodeContext& context) {
  Shape shape = context.input_shape(0);
  for (int i = 1; i < context.num_inputs(); ++i) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, i));
    DNND_ASSIGN_OR_RETURN(shape, BroadcastShapes(shape, context.input_shape(i)));
  }
  return shape;
}

template <typename T>
T ApplyPostOp(const PostOp& post_op, T x) {
  const T alpha = post_op.alpha;
  switch (post_op.kind) {
    case PostOp::Kind::kSum:
      return x;
    case PostOp::Kind::kRelu:
      return x < 0 ? alpha * x : x;
    case PostOp::Kind::kClip:
      return std::min<T>(std::max<T>(x, alpha), post_op.beta);
    case PostOp::Kind::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case PostOp::Kind::kTanh:
      return std::tanh(x);
    case PostOp::Kind::kElu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case PostOp::Kind::kSwish:
      return x / (1 + std::exp(-alpha * x));
    case PostOp::Kind::kHardSwish:
      return x * std::clamp<T>(x / 6 + T(0.5), 0, 1);
    case PostOp::Kind::kGelu:
      return x * T(0.5) * (1 + std::erf(x * T(M_SQRT1_2)));
  }
  return x;
}

}  // namespace

absl::Status InferSameAsInput(InferContext& context) {
  context.SetOutput(0, context.input(0).type, context.input_shape(0));
  return absl::OkStatus();
}

absl::Status InferBroadcast(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(Shape shape, BroadcastAll(context));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::Status InferBroadcastToBool(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(Shape shape, BroadcastAll(context));
  context.SetOutput(0, DataType::kBool, std::move(shape));
  return absl::OkStatus();
}

absl::Status RequireSameType(const NodeContext& context, int i, int j) {
  if (context.input(i).type == context.input(j).type) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "inputs ", i, " and ", j, " must have one type, got ", DataTypeName(context.input(i).type),
      " and ", DataTypeName(context.input(j).type)));
}

absl::Status RequireShape(const NodeContext& context, int i, const Shape& want,
                          absl::string_view what) {
  if (context.input_shape(i) == want) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(what, " (input ", i, ") has shape ",
                                                 context.input_shape(i).ToString(), ", want ",
                                                 want.ToString()));
}

Cost ArgumentBytes(const CompileContext& context) {
  Cost cost;
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (context.has_input(i)) {
      (context.is_constant(i) ? cost.weight_bytes : cost.read_bytes) +=
          context.input(i).num_bytes();
    }
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    if (context.has_output(i)) {
      cost.written_bytes += context.output(i).num_bytes();
    }
  }
  return cost;
}

int64_t SaturatingProduct(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (factor == 0) {
      return 0;
    }
  }
  for (const int64_t factor : factors) {
    product = CheckedMul(product, factor).value_or(std::numeric_limits<int64_t>::max());
  }
  return product;
}

absl::Status ApplyPostOps(const ReferenceContext& context) {
  if (context.node().post_ops.empty()) {
    return absl::OkStatus();
  }
  return Dispatch<FloatTypes>(context.output(0).type(), [&]<typename T>() {
    T* y = context.output(0).data<T>();
    const int64_t count = context.output(0).num_elements();
    for (const PostOp& post_op : context.node().post_ops) {
      if (post_op.kind == PostOp::Kind::kSum) {
        const T* addend = context.input(post_op.operand).data<T>();
        std::transform(y, y + count, addend, y, std::plus<T>());
      } else {
        std::transform(y, y + count, y, [&](T x) { return ApplyPostOp(post_op, x); });
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace dnnd::engine
