// A MatMul by a weight and the Add of a bias become one Gemm.
#ifndef DNND_ENGINE_PASSES_FUSE_MATMUL_BIAS_H_
#define DNND_ENGINE_PASSES_FUSE_MATMUL_BIAS_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// MatMul of two matrices with an Add of a constant row becomes a Gemm, whose kernels take a bias.
// REQUIRES: a specialised graph. Returns whether it changed.
absl::StatusOr<bool> FuseMatMulBias(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_FUSE_MATMUL_BIAS_H_
