#include "engine/onednn/lrn.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {

absl::StatusOr<std::unique_ptr<Kernel>> MakeLrn(const LrnSpec& spec) {
  return Guard("lrn", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    // Its windows are symmetric: an even size would be another function.
    if (spec.size % 2 == 0) {
      return absl::UnimplementedError("oneDNN has no LRN of even size");
    }
    DNND_ASSIGN_OR_RETURN(const dnnl::memory::desc data, ActivationDesc(spec.type, spec.layout));
    const dnnl::lrn_forward::desc desc(dnnl::prop_kind::forward_inference,
                                       dnnl::algorithm::lrn_across_channels, data, spec.size,
                                       spec.alpha, spec.beta, spec.bias);
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    dnnl::lrn_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, data, /*input=*/0}, {DNNL_ARG_DST, data, -1, /*output=*/0}};
    parts.primitive = dnnl::lrn_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
