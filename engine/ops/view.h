// Shared by operators whose output 0 has the elements of input 0, in the same order.
#ifndef DNND_ENGINE_OPS_VIEW_H_
#define DNND_ENGINE_OPS_VIEW_H_

#include "absl/status/status.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// The elements of `from` to `to`, strings included. REQUIRES: equal types and element counts.
void CopyElements(const TensorView& from, const MutableTensorView& to);

// OpDef::reference: output 0 becomes a copy of input 0.
absl::Status CopyInput(const ReferenceContext& context);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_VIEW_H_
