#include "engine/ops/dense_kernels.h"

#include "engine/base/status.h"
#include "engine/onednn/matmul.h"

namespace dnnd::engine {
namespace {

// "dense": constant weights, packed. "matmul": both operands as they lie.
Candidate Named(const char* name) { return Candidate{name, {}, {Layout::kRowMajor}}; }

bool IsFloat32(const CompileContext& context) {
  return context.input(0).type == DataType::kFloat32 &&
         context.output_shape(0).num_elements() > 0 && context.input_shape(0).num_elements() > 0;
}

// Whether input c of a Gemm is a bias: one value a column, scaled by nothing.
bool HasBiasForm(const CompileContext& context) {
  if (!context.has_input(2)) {
    return true;
  }
  const Shape& c = context.input_shape(2);
  const bool one_row = c.rank() == 1 || (c.rank() == 2 && c[0] == 1);
  return one_row && c[c.rank() - 1] == context.output_shape(0)[1] &&
         context.attributes().Float("beta", 1.0f) == 1.0f;
}

}  // namespace

bool DenseAcceptsPostOp(const Node& node, PostOp::Kind kind) {
  return node.post_ops.empty() && kind != PostOp::Kind::kSum;
}

std::vector<Candidate> GemmCandidates(const CompileContext& context) {
  const bool serves = IsFloat32(context) && HasBiasForm(context) &&
                      context.attributes().Float("alpha", 1.0f) == 1.0f;
  if (!serves) {
    return {};
  }
  std::vector<Candidate> candidates;
  if (context.is_constant(1) && context.attributes().Int("transA", 0) == 0) {
    candidates.push_back(Named("dense"));
  }
  candidates.push_back(Named("matmul"));
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileGemm(const CompileContext& context,
                                                    const Candidate& candidate) {
  const bool transpose_a = context.attributes().Int("transA", 0) != 0;
  const bool transpose_b = context.attributes().Int("transB", 0) != 0;
  if (candidate.name == "dense") {
    onednn::DenseSpec spec;
    spec.rows = context.input_shape(0)[0];
    spec.inputs = context.input_shape(0)[1];
    spec.outputs = context.output_shape(0)[1];
    spec.weights_are_transposed = transpose_b;
    spec.has_bias = context.has_input(2);
    spec.post_ops = context.node().post_ops;
    return onednn::MakeDense(spec);
  }
  onednn::MatMulSpec spec;
  spec.a = context.input(0);
  spec.b = context.input(1);
  spec.dst = context.output(0);
  spec.transpose_a = transpose_a;
  spec.transpose_b = transpose_b;
  spec.has_bias = context.has_input(2);
  spec.post_ops = context.node().post_ops;
  return onednn::MakeMatMul(spec);
}

std::vector<Candidate> MatMulCandidates(const CompileContext& context) {
  if (!IsFloat32(context) || context.input_shape(0).rank() < 2 ||
      context.input_shape(1).rank() < 2) {
    return {};
  }
  std::vector<Candidate> candidates;
  if (context.is_constant(1) && context.input_shape(1).rank() == 2) {
    candidates.push_back(Named("dense"));
  }
  candidates.push_back(Named("matmul"));
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileMatMul(const CompileContext& context,
                                                      const Candidate& candidate) {
  if (candidate.name == "dense") {
    const Shape& a = context.input_shape(0);
    onednn::DenseSpec spec;
    spec.rows = a.Product(0, a.rank() - 1);
    spec.inputs = a[a.rank() - 1];
    spec.outputs = context.input_shape(1)[1];
    spec.post_ops = context.node().post_ops;
    return onednn::MakeDense(spec);
  }
  onednn::MatMulSpec spec;
  spec.a = context.input(0);
  spec.b = context.input(1);
  spec.dst = context.output(0);
  spec.post_ops = context.node().post_ops;
  return onednn::MakeMatMul(spec);
}

}  // namespace dnnd::engine
