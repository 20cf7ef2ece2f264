// MatMul(a, b) as numpy.matmul: leading axes broadcast, a vector counts as a row or a column.
#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/dense_kernels.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/matrix_product.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

struct MatMulShape {
  int64_t m, n, k;
  Shape a_batch, b_batch, batch;
  Shape output;
};

Shape Leading(const Shape& shape) {
  return Shape(shape.dims().subspan(0, std::max(shape.rank() - 2, 0)));
}

absl::StatusOr<MatMulShape> ReadMatMul(const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", a.ToString(), " and ", b.ToString(), ", a scalar is not a matrix"));
  }
  MatMulShape shape;
  shape.m = a.rank() == 1 ? 1 : a[a.rank() - 2];
  shape.k = a[a.rank() - 1];
  shape.n = b.rank() == 1 ? 1 : b[b.rank() - 1];
  if (b[std::max(b.rank() - 2, 0)] != shape.k) {
    return absl::InvalidArgumentError(
        absl::StrCat("matrices ", a.ToString(), " and ", b.ToString(), " do not fit"));
  }
  shape.a_batch = Leading(a);
  shape.b_batch = Leading(b);
  DNND_ASSIGN_OR_RETURN(shape.batch, BroadcastShapes(shape.a_batch, shape.b_batch));
  Dims dims(shape.batch.dims().begin(), shape.batch.dims().end());
  if (a.rank() > 1) {
    dims.push_back(shape.m);
  }
  if (b.rank() > 1) {
    dims.push_back(shape.n);
  }
  DNND_ASSIGN_OR_RETURN(shape.output, Shape::Create(dims));
  return shape;
}

absl::Status InferMatMul(InferContext& context) {
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  DNND_ASSIGN_OR_RETURN(MatMulShape shape,
                        ReadMatMul(context.input_shape(0), context.input_shape(1)));
  context.SetOutput(0, context.input(0).type, std::move(shape.output));
  return absl::OkStatus();
}

template <typename T>
void MultiplyMatrices(const ReferenceContext& context, const MatMulShape& shape) {
  const BroadcastWalk<2> walk(shape.batch, {&shape.a_batch, &shape.b_batch});
  const int64_t m = shape.m, n = shape.n, k = shape.k;
  const auto multiply = [&](int64_t index, int64_t a_index, int64_t b_index) {
    const T* a = context.input(0).data<T>() + a_index * m * k;
    const T* b = context.input(1).data<T>() + b_index * k * n;
    T* y = context.output(0).data<T>() + index * m * n;
    std::fill_n(y, m * n, T{0});
    AddMatrixProduct<T>(m, n, k, T{1}, {a, k, 1}, {b, n, 1}, y);
  };
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    ParallelFor(walk.row_length(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        multiply(row * walk.row_length() + i, offsets[0] + i * walk.step(0),
                 offsets[1] + i * walk.step(1));
      }
    });
  });
}

absl::Status ReferenceMatMul(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const MatMulShape shape,
                        ReadMatMul(context.input(0).shape(), context.input(1).shape()));
  using Types = TypeList<float, double, uint32_t, uint64_t, int32_t, int64_t>;
  DNND_RETURN_IF_ERROR(Dispatch<Types>(context.input(0).type(), [&]<typename T>() {
    MultiplyMatrices<T>(context, shape);
    return absl::OkStatus();
  }));
  return ApplyPostOps(context);
}

Cost MatMulCost(const CompileContext& context) {
  const Shape& a = context.input_shape(0);
  const int64_t outputs = context.output_shape(0).num_elements();
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = SaturatingProduct({outputs, a[a.rank() - 1]});
  cost.other_operations = outputs * static_cast<int64_t>(context.node().post_ops.size());
  return cost;
}

// The rows may be matrices of their own, or lie along the axis of a matrix that is not summed over.
absl::StatusOr<RowAxis> RowsOfMatMul(const RowsContext& context) {
  const int rank = context.output_shape(0).rank();
  std::optional<RowAxis> result;
  for (int i = 0; i < 2; ++i) {
    const int own_rank = context.input_shape(i).rank();
    if (own_rank < 2) {
      return absl::UnimplementedError("one of its matrices is a vector");
    }
    if (!context.rows(i).has_value()) {
      continue;
    }
    RowAxis rows = *context.rows(i);
    if (rows.axis == own_rank - (i == 0 ? 1 : 2)) {
      return RowsMix();
    }
    rows.axis += rank - own_rank;
    if (result.has_value() && !(rows == *result)) {
      return absl::UnimplementedError("it multiplies rows with rows");
    }
    result = rows;
  }
  for (int i = 0; i < 2; ++i) {
    const int axis = result->axis - (rank - context.input_shape(i).rank());
    if (!context.rows(i).has_value()) {
      DNND_RETURN_IF_ERROR(context.CheckShared(i, result->axis < rank - 2 ? axis : -1));
    }
  }
  return *result;
}

}  // namespace

extern const OpDef kMatMul = {.type = "MatMul",
                              .min_inputs = 2,
                              .max_inputs = 2,
                              .infer = InferMatMul,
                              .reference = ReferenceMatMul,
                              .candidates = MatMulCandidates,
                              .compile = CompileMatMul,
                              .accepts_post_op = DenseAcceptsPostOp,
                              .rows = RowsOfMatMul,
                              .cost = MatMulCost};

}  // namespace dnnd::engine
