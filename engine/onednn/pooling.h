// Maximum and average over a sliding window by oneDNN.
#ifndef DNND_ENGINE_ONEDNN_POOLING_H_
#define DNND_ENGINE_ONEDNN_POOLING_H_

#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"

namespace dnnd::engine::onednn {

enum class PoolingKind : uint8_t {
  kMax,
  kAverage,            // over what lies inside the input
  kAverageWithPadding  // over the whole kernel
};

// Spatial lists have one entry a spatial axis.
struct PoolingSpec {
  PoolingKind kind = PoolingKind::kMax;
  TensorType src;
  TensorType dst;
  Layout layout = Layout::kRowMajor;
  Dims kernel;
  Dims strides;
  Dims pads_begin;
  Dims pads_end;
};

// A kernel with input 0: src, output 0: dst, both in the layout. UNIMPLEMENTED where oneDNN has no
// fast implementation.
absl::StatusOr<std::unique_ptr<Kernel>> MakePooling(const PoolingSpec& spec);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_POOLING_H_
