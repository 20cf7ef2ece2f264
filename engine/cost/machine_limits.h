// What this machine can do, measured once: the roofline that layers are held against, and the price
// of waking a team.
#ifndef DNND_ENGINE_COST_MACHINE_LIMITS_H_
#define DNND_ENGINE_COST_MACHINE_LIMITS_H_

#include <string>

#include "engine/base/cost.h"

namespace dnnd::engine {

struct MachineLimits {
  double core_flops =
      0;  // single-precision operations a second of one core; a multiply-add counts as two
  double memory_bandwidth = 0;   // bytes a second of one core from main memory
  double cache_bandwidth = 0;    // bytes a second of one core from its second-level cache
  double fork_join_seconds = 0;  // to hand a piece of work to a team of two and take it back
};

// Measured at the first call, which takes some 20 ms; thread-safe. On a busy machine the figures
// are low; they decide between equivalent ways to compute and are printed beside measurements,
// nothing else.
const MachineLimits& MeasuredLimits();

// The seconds that `cost` takes one core at best: computation or data movement, whichever is
// longer.
double RooflineSeconds(const Cost& cost, const MachineLimits& limits);

// What limits a layer that took `seconds` on `threads` cores: "compute" or "memory", whichever roof
// it is nearer to; "latency" when it is far from both (it is too small, or has no good
// implementation).
std::string BoundOf(const Cost& cost, double seconds, int threads, const MachineLimits& limits);

// How many threads a kernel of `cost` is worth, 1 or `most`: a team pays when it saves more than it
// costs to wake.
int WorthwhileThreads(const Cost& cost, int most, const MachineLimits& limits);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_COST_MACHINE_LIMITS_H_
