// Gemm(a, b, c?): y = alpha * op(a) op(b) + beta * c, where op transposes if transA, transB say so.
#include <algorithm>

#include "engine/base/status.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/dense_kernels.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/matrix_product.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

struct GemmExtents {
  int64_t m, n, k;
};

// REQUIRES: both of rank 2.
GemmExtents ReadExtents(const Attributes& attributes, const Shape& a, const Shape& b) {
  const bool trans_a = attributes.Int("transA", 0) != 0;
  const bool trans_b = attributes.Int("transB", 0) != 0;
  return {a[trans_a ? 1 : 0], b[trans_b ? 0 : 1], a[trans_a ? 0 : 1]};
}

absl::Status InferGemm(InferContext& context) {
  const Shape& a = context.input_shape(0);
  const Shape& b = context.input_shape(1);
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  if (a.rank() != 2 || b.rank() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", a.ToString(), " and ", b.ToString(), ", want two matrices"));
  }
  const GemmExtents extents = ReadExtents(context.attributes(), a, b);
  if (b[context.attributes().Int("transB", 0) != 0 ? 1 : 0] != extents.k) {
    return absl::InvalidArgumentError(
        absl::StrCat("matrices ", a.ToString(), " and ", b.ToString(),
                     " do not fit with transA = ", context.attributes().Int("transA", 0),
                     ", transB = ", context.attributes().Int("transB", 0)));
  }
  DNND_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({extents.m, extents.n}));
  if (context.has_input(2)) {
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 2));
    DNND_ASSIGN_OR_RETURN(const Shape with_c, BroadcastShapes(shape, context.input_shape(2)));
    if (with_c != shape) {
      return absl::InvalidArgumentError(absl::StrCat("c ", context.input_shape(2).ToString(),
                                                     " does not broadcast to ", shape.ToString()));
    }
  }
  context.SetOutput(0, context.input(0).type, shape);
  return absl::OkStatus();
}

template <typename T>
void StartWithC(const ReferenceContext& context) {
  const MutableTensorView& y = context.output(0);
  const T beta = static_cast<T>(context.attributes().Float("beta", 1));
  if (!context.has_input(2) || beta == 0) {
    std::fill_n(y.data<T>(), y.num_elements(), T{0});
    return;
  }
  const BroadcastWalk<1> walk(y.shape(), {&context.input(2).shape()});
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 1>& offsets) {
    const T* c = context.input(2).data<T>() + offsets[0];
    T* out = y.data<T>() + row * walk.row_length();
    for (int64_t i = 0; i < walk.row_length(); ++i) {
      out[i] = beta * c[i * walk.step(0)];
    }
  });
}

absl::Status ReferenceGemm(const ReferenceContext& context) {
  const Attributes& attributes = context.attributes();
  const Shape& a = context.input(0).shape();
  const Shape& b = context.input(1).shape();
  const GemmExtents extents = ReadExtents(attributes, a, b);
  using Types = TypeList<float, double, uint32_t, uint64_t, int32_t, int64_t>;
  DNND_RETURN_IF_ERROR(Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    StartWithC<T>(context);
    MatrixView<const T> left{context.input(0).data<T>(), a[1], 1};
    MatrixView<const T> right{context.input(1).data<T>(), b[1], 1};
    if (attributes.Int("transA", 0) != 0) {
      std::swap(left.row, left.column);
    }
    if (attributes.Int("transB", 0) != 0) {
      std::swap(right.row, right.column);
    }
    AddMatrixProduct<T>(extents.m, extents.n, extents.k,
                        static_cast<T>(attributes.Float("alpha", 1)), left, right,
                        context.output(0).data<T>());
    return absl::OkStatus();
  }));
  return ApplyPostOps(context);
}

Cost GemmCost(const CompileContext& context) {
  const GemmExtents extents =
      ReadExtents(context.attributes(), context.input_shape(0), context.input_shape(1));
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = SaturatingProduct({extents.m, extents.n, extents.k});
  cost.other_operations =
      extents.m * extents.n *
      (context.has_input(2) + static_cast<int64_t>(context.node().post_ops.size()));
  return cost;
}

// Rows of op(a), or columns of op(b), each multiplied with all of the other matrix.
absl::StatusOr<RowAxis> RowsOfGemm(const RowsContext& context) {
  const bool in_a = context.rows(0).has_value();
  if (in_a == context.rows(1).has_value()) {
    return absl::UnimplementedError("it multiplies rows with rows");
  }
  const int factor = in_a ? 0 : 1;
  const bool transposed = context.attributes().Int(in_a ? "transA" : "transB", 0) != 0;
  RowAxis rows = *context.rows(factor);
  if (transposed) {
    rows.axis = 1 - rows.axis;
  }
  if (rows.axis != factor) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckShared(1 - factor));
  if (!context.has_input(2)) {
    return rows;
  }
  const int c_axis = rows.axis - (2 - context.input_shape(2).rank());
  if (!context.rows(2).has_value()) {
    DNND_RETURN_IF_ERROR(context.CheckShared(2, c_axis));
  } else if (!(*context.rows(2) == RowAxis{c_axis, rows.inner})) {
    return RowsMix();
  }
  return rows;
}

}  // namespace

extern const OpDef kGemm = {.type = "Gemm",
                            .min_inputs = 2,
                            .max_inputs = 3,
                            .infer = InferGemm,
                            .reference = ReferenceGemm,
                            .candidates = GemmCandidates,
                            .compile = CompileGemm,
                            .accepts_post_op = DenseAcceptsPostOp,
                            .rows = RowsOfGemm,
                            .cost = GemmCost};

}  // namespace dnnd::engine
