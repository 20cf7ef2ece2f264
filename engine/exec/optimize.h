// The passes that every plan for serving goes through, in their order.
#ifndef DNND_ENGINE_EXEC_OPTIMIZE_H_
#define DNND_ENGINE_EXEC_OPTIMIZE_H_

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Rewrites a specialised graph into one with the same outputs and less work. INTERNAL when a pass
// breaks the graph.
absl::Status OptimizeForInference(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_OPTIMIZE_H_
