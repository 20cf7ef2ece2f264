// The fast kernels of reductions and global pools, in rows and columns.
#ifndef DNND_ENGINE_OPS_REDUCE_KERNELS_H_
#define DNND_ENGINE_OPS_REDUCE_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

enum class ReduceKind : uint8_t { kSum, kMean, kMax, kMin, kL2 };

// The layouts in which the axes that `reduced` marks (one flag an axis of input 0) lie side by
// side, so that one run of memory is reduced at a time. f32 only.
std::vector<Candidate> ReduceCandidates(const CompileContext& context,
                                        const std::vector<bool>& reduced);

// Compiles one of the above.
absl::StatusOr<std::unique_ptr<Kernel>> CompileReduce(const CompileContext& context,
                                                      const Candidate& candidate,
                                                      const std::vector<bool>& reduced,
                                                      ReduceKind kind);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_REDUCE_KERNELS_H_
