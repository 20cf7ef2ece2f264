// Resize of f32 pictures, row after row: blend input rows into one, then blend along it.
#ifndef DNND_ENGINE_OPS_RESIZE_KERNELS_H_
#define DNND_ENGINE_OPS_RESIZE_KERNELS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// OpDef::candidates and OpDef::compile of Resize: channels_last and row_major for rank 3 and 4.
std::vector<Candidate> ResizeCandidates(const CompileContext& context);
absl::StatusOr<std::unique_ptr<Kernel>> CompileResize(const CompileContext& context,
                                                      const Candidate& candidate);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_RESIZE_KERNELS_H_
