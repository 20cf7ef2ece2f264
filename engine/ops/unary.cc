// Functions of one element that ONNX names by the mathematics: Exp, Log, Abs, Floor …
#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/vector_erf.h"

namespace dnnd::engine {
namespace {

using onednn::EltwiseFunction;
template <typename Function>
absl::StatusOr<std::unique_ptr<Kernel>> Map(const CompileContext& context, Function function) {
  return MakeMapKernel(context.output_shape(0).num_elements(), function);
}

// The lowest integer has no opposite: it stays itself.
template <typename T>
T Opposite(T x) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(-static_cast<uint64_t>(x));
  } else {
    return -x;
  }
}

template <typename T>
T Magnitude(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::abs(x);
  } else {
    return x < 0 ? Opposite(x) : x;
  }
}

}  // namespace

extern const OpDef kAbs = UnaryRow(
    "Abs",
    [](const ReferenceContext& context) {
      return MapElements<NumericTypes>(context, [](auto x) { return Magnitude(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kAbs>);

extern const OpDef kCeil = UnaryRow(
    "Ceil",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::ceil(x); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return std::ceil(x); });
    });

extern const OpDef kErf = UnaryRow(
    "Erf",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::erf(x); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return VectorErf(x); });
    });

extern const OpDef kExp = UnaryRow(
    "Exp",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::exp(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kExp>);

extern const OpDef kFloor = UnaryRow(
    "Floor",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::floor(x); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return std::floor(x); });
    });

// Not oneDNN's: its logarithm of 1 is 3e-6, and every digit of one near 1 is lost.
extern const OpDef kLog = UnaryRow(
    "Log",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::log(x); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return std::log(x); });
    });

extern const OpDef kNeg = UnaryRow(
    "Neg",
    [](const ReferenceContext& context) {
      return MapElements<SignedTypes>(context, [](auto x) { return Opposite(x); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return -x; });
    });

extern const OpDef kNot = UnaryRow("Not", [](const ReferenceContext& context) {
  return MapElements<BoolTypes>(context, [](bool x) { return !x; });
});

extern const OpDef kReciprocal = UnaryRow(
    "Reciprocal",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return 1 / x; });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context, [](float x) DNND_VECTOR_BODY { return 1 / x; });
    });

// Halves go to the even neighbour, the default rounding mode.
extern const OpDef kRound = UnaryRow(
    "Round",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::nearbyint(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kRound>);

extern const OpDef kSign = UnaryRow(
    "Sign",
    [](const ReferenceContext& context) {
      return MapElements<NumericTypes>(context, [](auto x) { return (x > 0) - (x < 0); });
    },
    [](const CompileContext& context, const Candidate&) {
      return Map(context,
                 [](float x) DNND_VECTOR_BODY { return static_cast<float>((x > 0) - (x < 0)); });
    });

extern const OpDef kSqrt = UnaryRow(
    "Sqrt",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::sqrt(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kSqrt>);

}  // namespace dnnd::engine
