// Whether the engine has every operator of a graph.
#ifndef DNND_ENGINE_PASSES_CHECK_SUPPORTED_H_
#define DNND_ENGINE_PASSES_CHECK_SUPPORTED_H_

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// UNIMPLEMENTED listing every node (up to a few), in branches too, whose operator the engine does
// not have, or whose arguments are more or fewer than the operator takes: asked once, when a model
// is loaded.
absl::Status CheckSupported(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_CHECK_SUPPORTED_H_
