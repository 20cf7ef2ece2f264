// A Pad of zeros before a convolution becomes its pads.
#ifndef DNND_ENGINE_PASSES_FUSE_PAD_H_
#define DNND_ENGINE_PASSES_FUSE_PAD_H_

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// A Pad with zeros on spatial axes that only a Conv reads becomes pads of the Conv, as long as they
// stay below the extent of its kernel. REQUIRES: a specialised graph. Returns whether it changed.
absl::StatusOr<bool> FusePad(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_FUSE_PAD_H_
