// Where a run lets more urgent work pass.
#ifndef DNND_ENGINE_EXEC_GATE_H_
#define DNND_ENGINE_EXEC_GATE_H_

#include <functional>

namespace dnnd::engine {

// Asked between two kernels; returns when the run may go on. It may run other work on this thread
// meanwhile, in other memory.
using Gate = std::function<void()>;

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_GATE_H_
