// How much memory the process has used.
#ifndef DNND_ENGINE_DNNBENCH_MEMORY_USE_H_
#define DNND_ENGINE_DNNBENCH_MEMORY_USE_H_

#include <cstdint>

namespace dnnd::engine {

// The most resident memory so far, in bytes; 0 where the system does not say.
int64_t PeakResidentBytes();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_MEMORY_USE_H_
