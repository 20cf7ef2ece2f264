#include "engine/onednn/eltwise.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {
namespace {

dnnl::algorithm AlgorithmOf(EltwiseFunction function) {
  switch (function) {
    case EltwiseFunction::kAbs:
      return dnnl::algorithm::eltwise_abs;
    case EltwiseFunction::kClip:
      return dnnl::algorithm::eltwise_clip;
    case EltwiseFunction::kElu:
      return dnnl::algorithm::eltwise_elu;
    case EltwiseFunction::kExp:
      return dnnl::algorithm::eltwise_exp;
    case EltwiseFunction::kGeluErf:
      return dnnl::algorithm::eltwise_gelu_erf;
    case EltwiseFunction::kGeluTanh:
      return dnnl::algorithm::eltwise_gelu_tanh;
    case EltwiseFunction::kHardSwish:
      return dnnl::algorithm::eltwise_hardswish;
    case EltwiseFunction::kLog:
      return dnnl::algorithm::eltwise_log;
    case EltwiseFunction::kMish:
      return dnnl::algorithm::eltwise_mish;
    case EltwiseFunction::kRelu:
      return dnnl::algorithm::eltwise_relu;
    case EltwiseFunction::kRound:
      return dnnl::algorithm::eltwise_round;
    case EltwiseFunction::kSigmoid:
      return dnnl::algorithm::eltwise_logistic;
    case EltwiseFunction::kSoftplus:
      return dnnl::algorithm::eltwise_soft_relu;
    case EltwiseFunction::kSqrt:
      return dnnl::algorithm::eltwise_sqrt;
    case EltwiseFunction::kTanh:
      return dnnl::algorithm::eltwise_tanh;
  }
  return dnnl::algorithm::undef;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeEltwise(EltwiseFunction function, float alpha,
                                                    float beta, int64_t count) {
  return Guard("eltwise", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    const dnnl::memory::desc data =
        PlainDesc(dnnl::memory::dims{count}, dnnl::memory::data_type::f32);
    const dnnl::eltwise_forward::desc desc(dnnl::prop_kind::forward_inference,
                                           AlgorithmOf(function), data, alpha, beta);
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    dnnl::eltwise_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, data, /*input=*/0}, {DNNL_ARG_DST, data, -1, /*output=*/0}};
    parts.in_place = InPlace{0, /*required=*/false};
    parts.primitive = dnnl::eltwise_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
