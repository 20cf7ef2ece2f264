// The memory of a lane, which everything that runs on it shares.
#ifndef DNND_ENGINE_EXEC_LANE_MEMORY_H_
#define DNND_ENGINE_EXEC_LANE_MEMORY_H_

#include "engine/base/arena.h"

namespace dnnd::engine {

// Instances of a lane run one at a time. All outlive them.
struct LaneMemory {
  Arena* arena = nullptr;
  Arena* scratchpad = nullptr;  // free between two kernels
  Arena* tail = nullptr;        // of a node of a tail: free between two nodes
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_LANE_MEMORY_H_
