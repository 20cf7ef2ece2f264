// Trigonometric and hyperbolic functions. No vision model computes many of them: the reference
// kernels serve.
#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

constexpr OpDef Row(absl::string_view type, absl::Status (*reference)(const ReferenceContext&)) {
  return OpDef{.type = type,
               .min_inputs = 1,
               .max_inputs = 1,
               .infer = InferSameAsInput,
               .reference = reference,
               .rows = RowsOfBroadcast};
}

}  // namespace

extern const OpDef kAcos = Row("Acos", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::acos(x); });
});

extern const OpDef kAcosh = Row("Acosh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::acosh(x); });
});

extern const OpDef kAsin = Row("Asin", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::asin(x); });
});

extern const OpDef kAsinh = Row("Asinh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::asinh(x); });
});

extern const OpDef kAtan = Row("Atan", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::atan(x); });
});

extern const OpDef kAtanh = Row("Atanh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::atanh(x); });
});

extern const OpDef kCos = Row("Cos", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::cos(x); });
});

extern const OpDef kCosh = Row("Cosh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::cosh(x); });
});

extern const OpDef kSin = Row("Sin", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::sin(x); });
});

extern const OpDef kSinh = Row("Sinh", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::sinh(x); });
});

extern const OpDef kTan = Row("Tan", [](const ReferenceContext& context) {
  return MapElements<FloatTypes>(context, [](auto x) { return std::tan(x); });
});

}  // namespace dnnd::engine
