#include "engine/onednn/matmul.h"

#include <algorithm>

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {
namespace {

using dnnl::memory;
using PrimitiveDesc = dnnl::inner_product_forward::primitive_desc;

// The number of rows for which the packing of a dense layer is chosen. oneDNN blocks weights for
// the rows it is told of; a block for 16 serves fewer and more rows well, and one copy of the
// weights then serves every batch size.
constexpr int64_t kPackingRows = 16;

PrimitiveDesc DensePrimitive(const DenseSpec& spec, int64_t rows, const memory::desc& weights) {
  constexpr auto kF32 = memory::data_type::f32;
  const memory::desc src = PlainDesc(memory::dims{rows, spec.inputs}, kF32);
  const memory::desc dst = PlainDesc(memory::dims{rows, spec.outputs}, kF32);
  const memory::desc bias =
      spec.has_bias ? PlainDesc(memory::dims{spec.outputs}, kF32) : memory::desc();
  const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, src, weights,
                                               bias, dst);
  return PrimitiveDesc(desc, MakeAttributes(spec.post_ops).value(), CpuEngine());
}

// The primitive for the spec's rows, on weights packed for kPackingRows where it takes them.
absl::StatusOr<PrimitiveDesc> ChooseDense(const DenseSpec& spec) {
  const memory::desc any({spec.outputs, spec.inputs}, memory::data_type::f32,
                         memory::format_tag::any);
  PrimitiveDesc packed_for_many = DensePrimitive(spec, kPackingRows, any);
  auto shared = Guard("dense layer", [&]() -> absl::StatusOr<PrimitiveDesc> {
    PrimitiveDesc primitive_desc = DensePrimitive(spec, spec.rows, packed_for_many.weights_desc());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    return primitive_desc;
  });
  if (shared.ok()) {
    return shared;
  }
  PrimitiveDesc own = DensePrimitive(spec, spec.rows, any);
  DNND_RETURN_IF_ERROR(SkipSlowImplementations(own, {"ref"}));
  return own;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeDense(const DenseSpec& spec) {
  return Guard("dense layer", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    DNND_RETURN_IF_ERROR(MakeAttributes(spec.post_ops).status());
    DNND_ASSIGN_OR_RETURN(const PrimitiveDesc primitive_desc, ChooseDense(spec));
    const memory::desc plain(
        {spec.outputs, spec.inputs}, memory::data_type::f32,
        spec.weights_are_transposed ? memory::format_tag::ab : memory::format_tag::ba);
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, primitive_desc.src_desc(), /*input=*/0},
                       {DNNL_ARG_WEIGHTS, primitive_desc.weights_desc(), /*input=*/1}};
    if (spec.has_bias) {
      parts.arguments.push_back({DNNL_ARG_BIAS, primitive_desc.bias_desc(), /*input=*/2});
    }
    parts.arguments.push_back({DNNL_ARG_DST, primitive_desc.dst_desc(), -1, /*output=*/0});
    parts.packings.emplace_back(1, MakePacking(plain, primitive_desc.weights_desc()));
    parts.primitive = dnnl::inner_product_forward(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

namespace {

// A row-major operand with leading axes of one added up to `rank`; `transposed` swaps the last two
// axes.
memory::desc OperandDesc(const Shape& shape, int rank, bool transposed) {
  memory::dims dims(rank - shape.rank(), 1);
  dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  const memory::desc plain = PlainDesc(dims, memory::data_type::f32);
  if (!transposed) {
    return plain;
  }
  std::vector<int> axes(rank);
  for (int axis = 0; axis < rank; ++axis) {
    axes[axis] = axis;
  }
  std::swap(axes[rank - 1], axes[rank - 2]);
  return plain.permute_axes(axes);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeMatMul(const MatMulSpec& spec) {
  return Guard("matmul", [&]() -> absl::StatusOr<std::unique_ptr<Kernel>> {
    const int rank = spec.dst.shape.rank();
    if (rank < 2 || spec.a.shape.rank() < 2 || spec.b.shape.rank() < 2 ||
        spec.dst.type != DataType::kFloat32 || spec.dst.shape.num_elements() == 0) {
      return absl::UnimplementedError(
          absl::StrCat("matmul of ", spec.a.ToString(), " and ", spec.b.ToString()));
    }
    DNND_ASSIGN_OR_RETURN(const dnnl::primitive_attr attributes, MakeAttributes(spec.post_ops));
    const memory::desc a = OperandDesc(spec.a.shape, rank, spec.transpose_a);
    const memory::desc b = OperandDesc(spec.b.shape, rank, spec.transpose_b);
    const memory::desc dst = OperandDesc(spec.dst.shape, rank, false);
    memory::desc bias;
    if (spec.has_bias) {
      memory::dims dims(rank, 1);
      dims[rank - 1] = spec.dst.shape[rank - 1];
      bias = PlainDesc(dims, memory::data_type::f32);
    }
    const dnnl::matmul::desc desc(a, b, bias, dst);
    dnnl::matmul::primitive_desc primitive_desc(desc, attributes, CpuEngine());
    DNND_RETURN_IF_ERROR(SkipSlowImplementations(primitive_desc, {"ref"}));
    KernelParts parts;
    Describe(primitive_desc, parts);
    parts.arguments = {{DNNL_ARG_SRC, a, /*input=*/0}, {DNNL_ARG_WEIGHTS, b, /*input=*/1}};
    if (spec.has_bias) {
      parts.arguments.push_back({DNNL_ARG_BIAS, bias, /*input=*/2});
    }
    parts.arguments.push_back({DNNL_ARG_DST, dst, -1, /*output=*/0});
    parts.primitive = dnnl::matmul(primitive_desc);
    return MakeKernel(std::move(parts));
  });
}

}  // namespace dnnd::engine::onednn
