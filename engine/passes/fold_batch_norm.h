// Batch normalisation after a convolution or dense layer is folded into its weights.
#ifndef DNND_ENGINE_PASSES_FOLD_BATCH_NORM_H_
#define DNND_ENGINE_PASSES_FOLD_BATCH_NORM_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// A BatchNormalization, or a Mul, Add or Sub with a constant a channel, that alone reads the result
// of a Conv, ConvTranspose or Gemm goes into its weights and bias. They become recipes over the
// model's own constants, with names made from theirs. REQUIRES: a specialised graph. Returns
// whether it changed.
absl::StatusOr<bool> FoldBatchNorm(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_FOLD_BATCH_NORM_H_
