// ArgMax and ArgMin of f32 along one axis.
#ifndef DNND_ENGINE_OPS_ARGMAX_KERNELS_H_
#define DNND_ENGINE_OPS_ARGMAX_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// channels_last where the axis is the channels', and row_major.
std::vector<Candidate> ArgCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileArgMax(const CompileContext& context,
                                                      const Candidate& candidate);
absl::StatusOr<std::unique_ptr<Kernel>> CompileArgMin(const CompileContext& context,
                                                      const Candidate& candidate);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_ARGMAX_KERNELS_H_
