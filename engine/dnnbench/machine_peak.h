// What the machine can do at best, measured: the roof that a layer's rate is held against.
#ifndef DNND_ENGINE_DNNBENCH_MACHINE_PEAK_H_
#define DNND_ENGINE_DNNBENCH_MACHINE_PEAK_H_

#include <string>

#include "engine/base/cost.h"

namespace dnnd::engine {

struct MachinePeak {
  double flops = 0;             // floating-point operations a second, f32
  double bytes_per_second = 0;  // read from memory, beyond the caches
};

// Takes about a tenth of a second on a team of `threads`.
MachinePeak MeasurePeak(int threads);

// What limits a layer that took `seconds`: "compute" or "memory", whichever roof it is nearer to;
// "latency" when it is far from both (it is too small, or has no good implementation).
std::string BoundOf(const Cost& cost, double seconds, const MachinePeak& peak);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_MACHINE_PEAK_H_
