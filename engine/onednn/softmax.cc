#include "engine/onednn/softmax.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {

absl::StatusOr<std::unique_ptr<Kernel>> MakeSoftmax(int64_t lines, int64_t extent, bool logarithm) {
  return Guard("softmax", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    const dnnl::memory::desc data =
        PlainDesc(dnnl::memory::dims{lines, extent}, dnnl::memory::data_type::f32);
    const dnnl::softmax_v2_forward::desc desc(
        dnnl::prop_kind::forward_inference,
        logarithm ? dnnl::algorithm::softmax_log : dnnl::algorithm::softmax_accurate, data, data,
        /*axis=*/1);
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    dnnl::softmax_v2_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, data, /*input=*/0}, {DNNL_ARG_DST, data, -1, /*output=*/0}};
    parts.in_place = InPlace{0, /*required=*/false};
    parts.primitive = dnnl::softmax_v2_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
