// Activation functions without parameters or with attributes only.
#include <algorithm>
#include <cmath>

#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

using onednn::EltwiseFunction;
template <typename T>
T HardSigmoid(T x, float alpha, float beta) {
  return std::clamp<T>(alpha * x + beta, 0, 1);
}

// log(1 + exp(x)) without overflow.
template <typename T>
T Softplus(T x) {
  return std::max<T>(x, 0) + std::log1p(std::exp(-std::abs(x)));
}

template <typename T>
T GeluErf(T x) {
  return x * T(0.5) * (1 + std::erf(x * T(M_SQRT1_2)));
}

template <typename T>
T GeluTanh(T x) {
  return x * T(0.5) * (1 + std::tanh(T(M_SQRT2 * M_2_SQRTPI / 2) * (x + T(0.044715) * x * x * x)));
}

absl::Status InferGelu(InferContext& context) {
  const std::string approximate = context.attributes().String("approximate", "none");
  if (approximate != "none" && approximate != "tanh") {
    return absl::InvalidArgumentError(
        absl::StrCat("approximate is \"", approximate, "\", want \"none\" or \"tanh\""));
  }
  return InferSameAsInput(context);
}

absl::Status ReferenceGelu(const ReferenceContext& context) {
  if (context.attributes().String("approximate", "none") == "tanh") {
    return MapElements<FloatTypes>(context, [](auto x) { return GeluTanh(x); });
  }
  return MapElements<FloatTypes>(context, [](auto x) { return GeluErf(x); });
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileGelu(const CompileContext& context,
                                                    const Candidate&) {
  const bool approximate = context.attributes().String("approximate", "none") == "tanh";
  return CompileEltwise(context,
                        approximate ? EltwiseFunction::kGeluTanh : EltwiseFunction::kGeluErf);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileHardSigmoid(const CompileContext& context,
                                                           const Candidate&) {
  const float alpha = context.attributes().Float("alpha", 0.2f);
  const float beta = context.attributes().Float("beta", 0.5f);
  return MakeMapKernel(context.output_shape(0).num_elements(), [=](float x) DNND_VECTOR_BODY {
    return std::min(std::max(alpha * x + beta, 0.0f), 1.0f);
  });
}

}  // namespace

extern const OpDef kElu = UnaryRow(
    "Elu",
    [](const ReferenceContext& context) {
      const float alpha = context.attributes().Float("alpha", 1);
      return MapElements<FloatTypes>(context,
                                     [=](auto x) { return x < 0 ? alpha * std::expm1(x) : x; });
    },
    [](const CompileContext& context, const Candidate&) {
      return CompileEltwise(context, EltwiseFunction::kElu, context.attributes().Float("alpha", 1));
    });

extern const OpDef kGelu = {.type = "Gelu",
                            .min_inputs = 1,
                            .max_inputs = 1,
                            .infer = InferGelu,
                            .reference = ReferenceGelu,
                            .candidates = FlatCandidates,
                            .compile = CompileGelu,
                            .rows = RowsOfBroadcast};

extern const OpDef kHardSigmoid = UnaryRow(
    "HardSigmoid",
    [](const ReferenceContext& context) {
      const float alpha = context.attributes().Float("alpha", 0.2f);
      const float beta = context.attributes().Float("beta", 0.5f);
      return MapElements<FloatTypes>(context, [=](auto x) { return HardSigmoid(x, alpha, beta); });
    },
    CompileHardSigmoid);

extern const OpDef kHardSwish = UnaryRow(
    "HardSwish",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context,
                                     [](auto x) { return x * HardSigmoid(x, 1 / 6.0f, 0.5f); });
    },
    CompileEltwiseAs<EltwiseFunction::kHardSwish>);

extern const OpDef kLeakyRelu = UnaryRow(
    "LeakyRelu",
    [](const ReferenceContext& context) {
      const float alpha = context.attributes().Float("alpha", 0.01f);
      return MapElements<FloatTypes>(context, [=](auto x) { return x < 0 ? alpha * x : x; });
    },
    [](const CompileContext& context, const Candidate&) {
      return CompileEltwise(context, EltwiseFunction::kRelu,
                            context.attributes().Float("alpha", 0.01f));
    });

extern const OpDef kRelu = UnaryRow(
    "Relu",
    [](const ReferenceContext& context) {
      return MapElements<SignedTypes>(context, [](auto x) { return x < 0 ? decltype(x){0} : x; });
    },
    CompileEltwiseAs<EltwiseFunction::kRelu>);

extern const OpDef kSelu = UnaryRow("Selu", [](const ReferenceContext& context) {
  const float alpha = context.attributes().Float("alpha", 1.67326319217681884765625f);
  const float gamma = context.attributes().Float("gamma", 1.05070102214813232421875f);
  return MapElements<FloatTypes>(
      context, [=](auto x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
});

extern const OpDef kSigmoid = UnaryRow(
    "Sigmoid",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return 1 / (1 + std::exp(-x)); });
    },
    CompileEltwiseAs<EltwiseFunction::kSigmoid>);

extern const OpDef kSoftplus = UnaryRow(
    "Softplus",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return Softplus(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kSoftplus>);

extern const OpDef kSoftsign = UnaryRow(
    "Softsign",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return x / (1 + std::abs(x)); });
    },
    [](const CompileContext& context, const Candidate&) {
      return absl::StatusOr<std::unique_ptr<Kernel>>(
          MakeMapKernel(context.output_shape(0).num_elements(),
                        [](float x) DNND_VECTOR_BODY { return x / (1 + std::abs(x)); }));
    });

extern const OpDef kTanh = UnaryRow(
    "Tanh",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return std::tanh(x); });
    },
    CompileEltwiseAs<EltwiseFunction::kTanh>);

extern const OpDef kCelu = UnaryRow("Celu", [](const ReferenceContext& context) {
  const float alpha = context.attributes().Float("alpha", 1);
  return MapElements<FloatTypes>(context,
                                 [=](auto x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
});

extern const OpDef kMish = UnaryRow(
    "Mish",
    [](const ReferenceContext& context) {
      return MapElements<FloatTypes>(context, [](auto x) { return x * std::tanh(Softplus(x)); });
    },
    CompileEltwiseAs<EltwiseFunction::kMish>);

extern const OpDef kThresholdedRelu =
    UnaryRow("ThresholdedRelu", [](const ReferenceContext& context) {
      const float alpha = context.attributes().Float("alpha", 1);
      return MapElements<FloatTypes>(context, [=](auto x) { return x > alpha ? x : 0; });
    });

}  // namespace dnnd::engine
