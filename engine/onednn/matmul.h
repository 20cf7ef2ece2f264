// Matrix products by oneDNN: dense layers with constant weights, and products of two activations.
#ifndef DNND_ENGINE_ONEDNN_MATMUL_H_
#define DNND_ENGINE_ONEDNN_MATMUL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/post_op.h"

namespace dnnd::engine::onednn {

// dst[n,o] = Σ_k src[n,k] weights[k,o] + bias[o], with the weights constant.
struct DenseSpec {
  int64_t rows = 0;                     // n
  int64_t inputs = 0;                   // k
  int64_t outputs = 0;                  // o
  bool weights_are_transposed = false;  // the model holds [o,k] instead of [k,o]
  bool has_bias = false;
  std::vector<PostOp> post_ops;
};

// f32. Inputs 0: src, 1: weights (packed; the packing serves every number of rows where oneDNN
// allows it), 2: bias; output 0: dst.
absl::StatusOr<std::unique_ptr<Kernel>> MakeDense(const DenseSpec& spec);

// dst = a × b over the last two axes, the leading ones broadcast as numpy does. f32. Inputs 0: a,
// 1: b, 2: bias (broadcast over rows, shape [o]) if any; output 0: dst.
struct MatMulSpec {
  TensorType a;
  TensorType b;
  TensorType dst;
  bool transpose_a = false;  // the last two axes of `a` lie swapped in memory
  bool transpose_b = false;
  bool has_bias = false;
  std::vector<PostOp> post_ops;
};
absl::StatusOr<std::unique_ptr<Kernel>> MakeMatMul(const MatMulSpec& spec);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_MATMUL_H_
