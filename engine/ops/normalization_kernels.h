// The fast kernels of BatchNormalization and InstanceNormalization.
#ifndef DNND_ENGINE_OPS_NORMALIZATION_KERNELS_H_
#define DNND_ENGINE_OPS_NORMALIZATION_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// The functions of the rows; their contracts are those of OpDef.

// x: row-major or channels last, with a fused activation of the ReLU kind at most.
std::vector<Candidate> PlaneNormalizationCandidates(const CompileContext& context);
bool PlaneNormalizationAcceptsPostOp(const Node& node, PostOp::Kind kind);
absl::StatusOr<std::unique_ptr<Kernel>> CompileBatchNormalization(const CompileContext& context,
                                                                  const Candidate& candidate);
absl::StatusOr<std::unique_ptr<Kernel>> CompileInstanceNormalization(const CompileContext& context,
                                                                     const Candidate& candidate);

// OpDef::cost of operators that normalise by the input's own statistics: two passes for the
// moments, one to apply them.
Cost StatisticsCost(const CompileContext& context);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_NORMALIZATION_KERNELS_H_
