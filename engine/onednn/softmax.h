// Softmax and its logarithm by oneDNN.
#ifndef DNND_ENGINE_ONEDNN_SOFTMAX_H_
#define DNND_ENGINE_ONEDNN_SOFTMAX_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"

namespace dnnd::engine::onednn {

// A kernel over `lines` lines of `extent` f32 elements side by side, input 0 to output 0; it can
// work in place. UNIMPLEMENTED where oneDNN has no fast implementation.
absl::StatusOr<std::unique_ptr<Kernel>> MakeSoftmax(int64_t lines, int64_t extent, bool logarithm);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_SOFTMAX_H_
