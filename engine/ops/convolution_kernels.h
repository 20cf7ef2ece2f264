// The fast kernels of Conv and ConvTranspose: which layouts oneDNN serves them in, and their
// compilation.
#ifndef DNND_ENGINE_OPS_CONVOLUTION_KERNELS_H_
#define DNND_ENGINE_OPS_CONVOLUTION_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// The functions of the rows kConv and kConvTranspose; their contracts are those of OpDef.
std::vector<Candidate> ConvCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileConv(const CompileContext& context,
                                                    const Candidate& candidate);
bool ConvAcceptsPostOp(const Node& node, PostOp::Kind kind);

std::vector<Candidate> ConvTransposeCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileConvTranspose(const CompileContext& context,
                                                             const Candidate& candidate);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_CONVOLUTION_KERNELS_H_
