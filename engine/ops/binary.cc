// Arithmetic on two tensors with numpy broadcasting: Add, Sub, Mul, Div, Pow, Mod, PRelu.
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "engine/base/status.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/scalar_functions.h"

namespace dnnd::engine {
namespace {

// Integer division by zero and the one overflowing quotient would raise a signal: they give 0 and
// the wrapped value.
template <typename T>
T Quotient(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) {
      return 0;
    }
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) {
      return static_cast<T>(-static_cast<uint64_t>(a));
    }
  }
  return a / b;
}

// fmod = 0: the sign of the divisor, as Python; fmod = 1: the sign of the dividend, as C.
template <typename T>
T Remainder(T a, T b, bool like_c) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) {
      return 0;
    }
    const T rest = a % b;
    return !like_c && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
}

absl::Status InferMod(InferContext& context) {
  if (IsFloatingPoint(context.input(0).type) && context.attributes().Int("fmod", 0) == 0) {
    return absl::InvalidArgumentError("floating-point operands need fmod = 1");
  }
  return InferBroadcast(context);
}

absl::Status ReferenceMod(const ReferenceContext& context) {
  const bool like_c = context.attributes().Int("fmod", 0) != 0;
  return CombineElements<NumericTypes>(context,
                                       [=](auto a, auto b) { return Remainder(a, b, like_c); });
}

absl::Status InferPow(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(Shape shape,
                        BroadcastShapes(context.input_shape(0), context.input_shape(1)));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

template <typename T>
T Power(T base, double exponent) {
  const double power = std::pow(static_cast<double>(base), exponent);
  if constexpr (std::is_integral_v<T>) {
    if (!(power > static_cast<double>(std::numeric_limits<T>::lowest()))) {
      return std::numeric_limits<T>::lowest();
    }
    if (!(power < static_cast<double>(std::numeric_limits<T>::max()))) {
      return std::numeric_limits<T>::max();
    }
  }
  return static_cast<T>(power);
}

// The exponent may have another type than the base.
template <typename Base, typename Exponent>
void PowerBroadcast(const ReferenceContext& context) {
  const TensorView& x = context.input(0);
  const TensorView& e = context.input(1);
  const MutableTensorView& y = context.output(0);
  const BroadcastWalk<2> walk(y.shape(), {&x.shape(), &e.shape()});
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    const Base* base = x.data<Base>() + offsets[0];
    const Exponent* exponent = e.data<Exponent>() + offsets[1];
    Base* out = y.data<Base>() + row * walk.row_length();
    for (int64_t i = 0; i < walk.row_length(); ++i) {
      out[i] = Power(base[i * walk.step(0)], static_cast<double>(exponent[i * walk.step(1)]));
    }
  });
}

absl::Status ReferencePow(const ReferenceContext& context) {
  using Types = TypeList<float, double, int32_t, int64_t>;
  return Dispatch<Types>(context.input(0).type(), [&]<typename Base>() {
    return Dispatch<NumericTypes>(context.input(1).type(), [&]<typename Exponent>() {
      PowerBroadcast<Base, Exponent>(context);
      return absl::OkStatus();
    });
  });
}

// The exponents that models write out: a general power is the reference kernel's.
absl::StatusOr<std::unique_ptr<Kernel>> CompilePow(const CompileContext& context,
                                                   const Candidate& candidate) {
  const Tensor* exponent = context.constant(1);
  if (exponent == nullptr || exponent->num_elements() != 1) {
    return absl::UnimplementedError("the exponent is not one known number");
  }
  const float power = *exponent->data<float>();
  if (power == 2) {
    return CompileFold(context, candidate, [](float x, float) DNND_VECTOR_BODY { return x * x; });
  }
  if (power == 0.5f) {
    return CompileFold(context, candidate,
                       [](float x, float) DNND_VECTOR_BODY { return std::sqrt(x); });
  }
  return absl::UnimplementedError("the exponent is neither 2 nor 1/2");
}

// The slope broadcasts to x, not the other way round.
absl::Status InferPRelu(InferContext& context) {
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  DNND_ASSIGN_OR_RETURN(const Shape shape,
                        BroadcastShapes(context.input_shape(0), context.input_shape(1)));
  if (shape != context.input_shape(0)) {
    return absl::InvalidArgumentError(absl::StrCat("slope ", context.input_shape(1).ToString(),
                                                   " does not broadcast to ",
                                                   context.input_shape(0).ToString()));
  }
  return InferSameAsInput(context);
}

absl::Status ReferencePRelu(const ReferenceContext& context) {
  return CombineElements<SignedTypes>(context, [](auto x, auto slope) {
    return x < 0 ? Wrapping(slope, x, std::multiplies<>()) : x;
  });
}

absl::StatusOr<std::unique_ptr<Kernel>> CompilePRelu(const CompileContext& context,
                                                     const Candidate& candidate) {
  return CompileFold(context, candidate,
                     [](float x, float slope) DNND_VECTOR_BODY { return x < 0 ? slope * x : x; });
}

}  // namespace

extern const OpDef kAdd = BroadcastRow(
    "Add", 2, 2, InferBroadcast,
    [](const ReferenceContext& context) {
      return CombineElements<NumericTypes>(
          context, [](auto a, auto b) { return Wrapping(a, b, std::plus<>()); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return a + b; });
    });

extern const OpDef kSub = BroadcastRow(
    "Sub", 2, 2, InferBroadcast,
    [](const ReferenceContext& context) {
      return CombineElements<NumericTypes>(
          context, [](auto a, auto b) { return Wrapping(a, b, std::minus<>()); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return a - b; });
    });

extern const OpDef kMul = BroadcastRow(
    "Mul", 2, 2, InferBroadcast,
    [](const ReferenceContext& context) {
      return CombineElements<NumericTypes>(
          context, [](auto a, auto b) { return Wrapping(a, b, std::multiplies<>()); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return a * b; });
    });

extern const OpDef kDiv = BroadcastRow(
    "Div", 2, 2, InferBroadcast,
    [](const ReferenceContext& context) {
      return CombineElements<NumericTypes>(context, [](auto a, auto b) { return Quotient(a, b); });
    },
    [](const CompileContext& context, const Candidate& candidate) {
      return CompileFold(context, candidate,
                         [](float a, float b) DNND_VECTOR_BODY { return a / b; });
    });

extern const OpDef kMod = {.type = "Mod",
                           .min_inputs = 2,
                           .max_inputs = 2,
                           .infer = InferMod,
                           .reference = ReferenceMod,
                           .rows = RowsOfBroadcast};

extern const OpDef kPow = {.type = "Pow",
                           .min_inputs = 2,
                           .max_inputs = 2,
                           .infer = InferPow,
                           .reference = ReferencePow,
                           .candidates = BroadcastCandidates,
                           .compile = CompilePow,
                           .rows = RowsOfBroadcast};

extern const OpDef kPRelu = {.type = "PRelu",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = InferPRelu,
                             .reference = ReferencePRelu,
                             .candidates = BroadcastCandidates,
                             .compile = CompilePRelu,
                             .rows = RowsOfBroadcast};

}  // namespace dnnd::engine
