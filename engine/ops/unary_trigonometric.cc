// Trigonometric and hyperbolic functions. No vision model computes many of them: the reference
// kernels serve.
#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"

namespace dnnd::engine {

extern const OpDef kAcos = UnaryRow("Acos", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::acos(x); });
});

extern const OpDef kAcosh = UnaryRow("Acosh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::acosh(x); });
});

extern const OpDef kAsin = UnaryRow("Asin", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::asin(x); });
});

extern const OpDef kAsinh = UnaryRow("Asinh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::asinh(x); });
});

extern const OpDef kAtan = UnaryRow("Atan", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::atan(x); });
});

extern const OpDef kAtanh = UnaryRow("Atanh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::atanh(x); });
});

extern const OpDef kCos = UnaryRow("Cos", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::cos(x); });
});

extern const OpDef kCosh = UnaryRow("Cosh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::cosh(x); });
});

extern const OpDef kSin = UnaryRow("Sin", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::sin(x); });
});

extern const OpDef kSinh = UnaryRow("Sinh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::sinh(x); });
});

extern const OpDef kTan = UnaryRow("Tan", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::tan(x); });
});

}  // namespace dnnd::engine
