// Functions of one element by oneDNN.
#ifndef DNND_ENGINE_ONEDNN_ELTWISE_H_
#define DNND_ENGINE_ONEDNN_ELTWISE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"

namespace dnnd::engine::onednn {

enum class EltwiseFunction : uint8_t {
  kAbs,
  kClip,  // to [alpha, beta]
  kElu,   // of alpha
  kExp,
  kGeluErf,
  kGeluTanh,
  kHardSwish,
  kLog,
  kMish,
  kRelu,  // with slope alpha below zero
  kRound,
  kSigmoid,
  kSoftplus,
  kSqrt,
  kTanh,
};

// A kernel over `count` f32 elements, in any order as long as input 0 and output 0 have the same;
// it can work in place. UNIMPLEMENTED where oneDNN has no fast implementation.
absl::StatusOr<std::unique_ptr<Kernel>> MakeEltwise(EltwiseFunction function, float alpha,
                                                    float beta, int64_t count);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_ELTWISE_H_
