#include "engine/onednn/pooling.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {
namespace {

dnnl::algorithm AlgorithmOf(PoolingKind kind) {
  switch (kind) {
    case PoolingKind::kMax:
      return dnnl::algorithm::pooling_max;
    case PoolingKind::kAverage:
      return dnnl::algorithm::pooling_avg_exclude_padding;
    case PoolingKind::kAverageWithPadding:
      return dnnl::algorithm::pooling_avg_include_padding;
  }
  return dnnl::algorithm::undef;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakePooling(const PoolingSpec& spec) {
  return Guard("pooling", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    DNND_ASSIGN_OR_RETURN(const dnnl::memory::desc src, ActivationDesc(spec.src, spec.layout));
    DNND_ASSIGN_OR_RETURN(const dnnl::memory::desc dst, ActivationDesc(spec.dst, spec.layout));
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    const dnnl::pooling_forward::desc desc(
        dnnl::prop_kind::forward_inference, AlgorithmOf(spec.kind), src, dst, ToDims(spec.strides),
        ToDims(spec.kernel), ToDims(spec.pads_begin), ToDims(spec.pads_end));
    dnnl::pooling_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, src, /*input=*/0}, {DNNL_ARG_DST, dst, -1, /*output=*/0}};
    parts.primitive = dnnl::pooling_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
