// The fast kernels of Gemm and MatMul.
#ifndef DNND_ENGINE_OPS_DENSE_KERNELS_H_
#define DNND_ENGINE_OPS_DENSE_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// The functions of the rows kGemm and kMatMul; their contracts are those of OpDef.
std::vector<Candidate> GemmCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileGemm(const CompileContext& context,
                                                    const Candidate& candidate);
std::vector<Candidate> MatMulCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileMatMul(const CompileContext& context,
                                                      const Candidate& candidate);

// Activations only, and one: what follows a dense layer in practice.
bool DenseAcceptsPostOp(const Node& node, PostOp::Kind kind);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_DENSE_KERNELS_H_
