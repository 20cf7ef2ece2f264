#include "engine/onednn/convolution.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {
namespace {

using dnnl::memory;

// oneDNN counts the holes between taps: 0 is dense.
memory::dims HolesOf(const Dims& dilations) {
  memory::dims holes(dilations.begin(), dilations.end());
  for (auto& hole : holes) {
    --hole;
  }
  return holes;
}

absl::Status CheckPads(const ConvolutionSpec& spec) {
  for (size_t i = 0; i < spec.pads_begin.size(); ++i) {
    const int64_t extent =
        (spec.weights.shape[static_cast<int>(i) + 2] - 1) * spec.dilations[i] + 1;
    if (spec.pads_begin[i] >= extent || spec.pads_end[i] >= extent) {
      return absl::UnimplementedError("a pad is as wide as the kernel");
    }
  }
  return absl::OkStatus();
}

// The dims of weights as oneDNN has them, a leading axis of groups where there are any, and the
// row-major descriptor of the model's own.
struct Weights {
  memory::desc any;
  memory::desc plain;
};

// [m, c/g, …] → [g, m/g, c/g, …]; the same elements in the same order.
absl::StatusOr<Weights> ConvolutionWeights(const ConvolutionSpec& spec) {
  DNND_ASSIGN_OR_RETURN(const auto type, ToOneDnn(spec.weights.type));
  memory::dims dims = ToDims(spec.weights.shape.dims());
  if (spec.groups > 1) {
    dims[0] /= spec.groups;
    dims.insert(dims.begin(), spec.groups);
  }
  return Weights{memory::desc(dims, type, memory::format_tag::any), PlainDesc(dims, type)};
}

// ONNX has [c, m/g, …], oneDNN wants [g, m/g, c/g, …]: the same memory with two axes swapped in the
// strides.
absl::StatusOr<Weights> DeconvolutionWeights(const ConvolutionSpec& spec) {
  DNND_ASSIGN_OR_RETURN(const auto type, ToOneDnn(spec.weights.type));
  const Dims strides = spec.weights.shape.Strides();
  memory::dims dims = ToDims(spec.weights.shape.dims());
  memory::dims plain_strides(strides.begin(), strides.end());
  dims[0] /= spec.groups;
  std::swap(dims[0], dims[1]);
  std::swap(plain_strides[0], plain_strides[1]);
  if (spec.groups > 1) {
    dims.insert(dims.begin(), spec.groups);
    plain_strides.insert(plain_strides.begin(), strides[0] * spec.weights.shape[0] / spec.groups);
  }
  return Weights{memory::desc(dims, type, memory::format_tag::any),
                 memory::desc(dims, type, plain_strides)};
}

// Names the arguments of a created primitive.
template <typename PrimitiveDesc>
KernelParts Assemble(const ConvolutionSpec& spec, const Weights& weights,
                     const PrimitiveDesc& primitive_desc) {
  KernelParts parts;
  Describe(primitive_desc, parts);
  parts.arguments = {{DNNL_ARG_SRC, primitive_desc.src_desc(), /*input=*/0},
                     {DNNL_ARG_WEIGHTS, primitive_desc.weights_desc(), /*input=*/1}};
  if (spec.has_bias) {
    parts.arguments.push_back({DNNL_ARG_BIAS, primitive_desc.bias_desc(), /*input=*/2});
  }
  parts.arguments.push_back({DNNL_ARG_DST, primitive_desc.dst_desc(), -1, /*output=*/0});
  parts.packings.emplace_back(1, MakePacking(weights.plain, primitive_desc.weights_desc()));
  for (const PostOp& post_op : spec.post_ops) {
    if (post_op.kind == PostOp::Kind::kSum) {
      parts.in_place = InPlace{post_op.operand, /*required=*/true};
    }
  }
  return parts;
}

struct Descriptors {
  memory::desc src;
  memory::desc dst;
  memory::desc bias;
};

absl::StatusOr<Descriptors> ActivationDescs(const ConvolutionSpec& spec) {
  Descriptors descs;
  DNND_ASSIGN_OR_RETURN(descs.src, ActivationDesc(spec.src, spec.src_layout));
  DNND_ASSIGN_OR_RETURN(descs.dst, ActivationDesc(spec.dst, spec.dst_layout));
  if (spec.has_bias) {
    descs.bias = PlainDesc(memory::dims{spec.dst.shape[1]}, memory::data_type::f32);
  }
  return descs;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvolution(const ConvolutionSpec& spec) {
  DNND_RETURN_IF_ERROR(CheckPads(spec));
  return Guard("convolution", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    DNND_ASSIGN_OR_RETURN(const Descriptors descs, ActivationDescs(spec));
    DNND_ASSIGN_OR_RETURN(const Weights weights, ConvolutionWeights(spec));
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes(spec.post_ops));
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, descs.src,
        weights.any, descs.bias, descs.dst, ToDims(spec.strides), HolesOf(spec.dilations),
        ToDims(spec.pads_begin), ToDims(spec.pads_end));
    dnnl::convolution_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref", "gemm"}));
    KernelParts parts = Assemble(spec, weights, primitive_desc);
    parts.primitive = dnnl::convolution_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeDeconvolution(const ConvolutionSpec& spec) {
  DNND_RETURN_IF_ERROR(CheckPads(spec));
  return Guard("deconvolution", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    DNND_ASSIGN_OR_RETURN(const Descriptors descs, ActivationDescs(spec));
    DNND_ASSIGN_OR_RETURN(const Weights weights, DeconvolutionWeights(spec));
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes({}));
    const dnnl::deconvolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::deconvolution_direct, descs.src,
        weights.any, descs.bias, descs.dst, ToDims(spec.strides), HolesOf(spec.dilations),
        ToDims(spec.pads_begin), ToDims(spec.pads_end));
    dnnl::deconvolution_forward::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref", "gemm"}));
    KernelParts parts = Assemble(spec, weights, primitive_desc);
    parts.primitive = dnnl::deconvolution_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
