// The fast kernels of Softmax and LogSoftmax.
#ifndef DNND_ENGINE_OPS_SOFTMAX_KERNELS_H_
#define DNND_ENGINE_OPS_SOFTMAX_KERNELS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"

namespace dnnd::engine {

// A tensor seen as [outer, extent, inner]; the function runs along `extent`.
struct SoftmaxView {
  int64_t outer = 1;
  int64_t extent = 1;
  int64_t inner = 1;
};

// A kernel over f32 elements that lie so: oneDNN's for long lines side by side, our own for short
// lines and for lines across memory.
absl::StatusOr<std::unique_ptr<Kernel>> MakeSoftmaxKernel(const SoftmaxView& view, bool logarithm);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_SOFTMAX_KERNELS_H_
