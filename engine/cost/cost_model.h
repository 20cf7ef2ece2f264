// What a node costs, estimated from its types: memory, computation and data movement.
#ifndef DNND_ENGINE_COST_COST_MODEL_H_
#define DNND_ENGINE_COST_COST_MODEL_H_

#include "engine/base/cost.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// The row's own estimate, or for operators without one: each argument read once, each result
// written once, and one operation for each element of the results. Constants count as weight bytes.
Cost EstimateCost(const OpDef& row, const CompileContext& context);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_COST_COST_MODEL_H_
