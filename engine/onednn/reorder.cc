#include "engine/onednn/reorder.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {

absl::StatusOr<std::unique_ptr<Kernel>> MakeReorder(const TensorType& type, Layout from,
                                                    Layout to) {
  return Guard("reorder", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    DNND_ASSIGN_OR_RETURN(const dnnl::memory::desc source, ActivationDesc(type, from));
    DNND_ASSIGN_OR_RETURN(const dnnl::memory::desc target, ActivationDesc(type, to));
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    const dnnl::reorder::primitive_desc primitive_desc(CpuEngine(), source, CpuEngine(), target,
                                                       attributes);
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_FROM, source, /*input=*/0},
                       {DNNL_ARG_TO, target, -1, /*output=*/0}};
    parts.primitive = dnnl::reorder(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
