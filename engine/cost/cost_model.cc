#include "engine/cost/cost_model.h"

#include "engine/ops/op_helpers.h"

namespace dnnd::engine {

Cost EstimateCost(const OpDef& row, const CompileContext& context) {
  if (row.cost != nullptr) {
    return row.cost(context);
  }
  Cost cost = ArgumentBytes(context);
  for (int i = 0; i < context.num_outputs(); ++i) {
    if (context.has_output(i)) {
      cost.other_operations += context.output_shape(i).num_elements();
    }
  }
  return cost;
}

}  // namespace dnnd::engine
