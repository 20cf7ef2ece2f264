// Local response normalisation across channels by oneDNN.
#ifndef DNND_ENGINE_ONEDNN_LRN_H_
#define DNND_ENGINE_ONEDNN_LRN_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"

namespace dnnd::engine::onednn {

struct LrnSpec {
  TensorType type;  // of src and dst, rank 4
  Layout layout = Layout::kRowMajor;
  int64_t size = 1;
  float alpha = 0;
  float beta = 0;
  float bias = 0;
};

// A kernel with input 0 and output 0. UNIMPLEMENTED where oneDNN has no fast implementation.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLrn(const LrnSpec& spec);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_LRN_H_
