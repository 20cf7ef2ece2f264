#include "engine/exec/optimize.h"

namespace dnnd::engine {

absl::Status OptimizeForInference(Graph& graph) {
  RemoveDeadNodes(graph);
  return VerifyGraph(graph);
}

}  // namespace dnnd::engine
