// Convolution and its transpose by oneDNN.
#ifndef DNND_ENGINE_ONEDNN_CONVOLUTION_H_
#define DNND_ENGINE_ONEDNN_CONVOLUTION_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"
#include "engine/tensor/post_op.h"

namespace dnnd::engine::onednn {

// Spatial lists have one entry a spatial axis. Shapes are logical: src [n,c,…], dst [n,m,…],
// weights [m, c/groups, …] (for the transpose [c, m/groups, …]).
struct ConvolutionSpec {
  TensorType src;
  TensorType weights;
  TensorType dst;
  bool has_bias = false;
  int64_t groups = 1;
  Dims strides;
  Dims dilations;  // 1: dense
  Dims pads_begin;
  Dims pads_end;
  Layout src_layout = Layout::kRowMajor;
  Layout dst_layout = Layout::kRowMajor;
  std::vector<PostOp> post_ops;
};

// Kernels with inputs 0: src, 1: weights (packed), 2: bias (if any), the operand of a kSum post-op;
// output 0: dst. UNIMPLEMENTED where oneDNN has no fast implementation, so that the caller tries
// another layout. A pad as wide as the kernel is refused: oneDNN 2.6.3 crashes on it.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvolution(const ConvolutionSpec& spec);

// No post-ops: oneDNN runs those of a deconvolution in a scalar loop.
absl::StatusOr<std::unique_ptr<Kernel>> MakeDeconvolution(const ConvolutionSpec& spec);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_CONVOLUTION_H_
