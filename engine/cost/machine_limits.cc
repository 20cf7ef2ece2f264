#include "engine/cost/machine_limits.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

// The loops that are measured are compiled for several instruction sets and chosen at start. Not
// under a sanitizer, whose runtime is not up when that choice is made.
#if defined(DNND_SANITIZE) || !defined(__x86_64__)
#define DNND_MEASURED_CLONES
#else
#define DNND_MEASURED_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif

namespace dnnd::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The shortest of `rounds` runs of `body`: other work on the machine only ever makes it longer.
template <typename Body>
double BestSeconds(int rounds, const Body& body) {
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    const SteadyClock::time_point start = SteadyClock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(SteadyClock::now() - start).count());
  }
  return best;
}

// Enough independent sums to keep every multiply-add unit busy through its latency (two units, four
// cycles, sixteen lanes).
constexpr int kLanes = 16 * 12;
constexpr int kRepeats = 20000;

// A layer that reaches less than this part of both roofs is limited by neither.
constexpr double kNearARoof = 0.2;

// Of the roofline, by the kernels of small shapes.
constexpr double kUsualEfficiency = 0.8;

// A step goes to the team when that saves this many times the price of waking it. Much more than
// one: every step that is shared waits for the slower of two threads, and where other programs want
// the CPU too that is a lost time slice, a thousand times the price. Below this the gain on an idle
// machine is small: resnet20_cifar10, all of whose steps are, runs three times as fast as its peers
// on one thread.
constexpr double kTeamsWorth = 20;

constexpr int64_t kCacheBytes = int64_t{256}
                                << 10;  // fits every second-level cache of the last ten years
constexpr int64_t kMemoryBytes = int64_t{40}
                                 << 20;  // more than one core's share of a third-level cache

DNND_MEASURED_CLONES float MultiplyAdds(float seed) {
  float sums[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    sums[i] = seed + static_cast<float>(i);
  }
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    for (int i = 0; i < kLanes; ++i) {
      sums[i] = __builtin_fmaf(sums[i], 0.999f, 0.001f);
    }
  }
  float total = 0;
  for (float sum : sums) {
    total += sum;
  }
  return total;
}

DNND_MEASURED_CLONES uint64_t Sum(const uint64_t* words, int64_t count) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += words[i];
  }
  return sum;
}

// Reading, as layers mostly do.
double MeasureBandwidth(int64_t bytes, int rounds) {
  const std::vector<uint64_t> words(bytes / sizeof(uint64_t), 1);
  volatile uint64_t sink = 0;
  const double seconds =
      BestSeconds(rounds, [&] { sink = Sum(words.data(), static_cast<int64_t>(words.size())); });
  return static_cast<double>(bytes) / seconds;
}

double MeasureForkJoin() {
  if (omp_get_num_procs() < 2) {
    return 1.0;  // a team of two on one CPU never pays
  }
  return BestSeconds(200, [] {
#pragma omp parallel num_threads(2)
    { asm volatile("" ::: "memory"); }
  });
}

MachineLimits Measure() {
  MachineLimits limits;
  // A thread of its own: the team that it opens ends with it.
  std::thread([&] {
    volatile float sink = 0;
    const double seconds = BestSeconds(5, [&] { sink = MultiplyAdds(sink); });
    limits.core_flops = 2.0 * kLanes * kRepeats / seconds;
    limits.cache_bandwidth = MeasureBandwidth(kCacheBytes, 20);
    limits.memory_bandwidth = MeasureBandwidth(kMemoryBytes, 3);
    limits.fork_join_seconds = MeasureForkJoin();
  }).join();
  return limits;
}

}  // namespace

const MachineLimits& MeasuredLimits() {
  static const MachineLimits limits = Measure();
  return limits;
}

double RooflineSeconds(const Cost& cost, const MachineLimits& limits) {
  const double compute = static_cast<double>(cost.operations()) / limits.core_flops;
  const double move = static_cast<double>(cost.moved_bytes()) / limits.cache_bandwidth;
  return std::max(compute, move);
}

std::string BoundOf(const Cost& cost, double seconds, int threads, const MachineLimits& limits) {
  const double compute = static_cast<double>(cost.operations()) / (limits.core_flops * threads);
  // The cores share the way to memory: one of them comes near to what all of them get.
  const double memory = static_cast<double>(cost.moved_bytes()) / limits.memory_bandwidth;
  if (std::max(compute, memory) < kNearARoof * seconds) {
    return "latency";
  }
  return compute > memory ? "compute" : "memory";
}

int WorthwhileThreads(const Cost& cost, int most, const MachineLimits& limits) {
  const double alone = RooflineSeconds(cost, limits) / kUsualEfficiency;
  const double saved = alone * (1.0 - 1.0 / std::max(most, 1));
  return saved > kTeamsWorth * limits.fork_join_seconds ? most : 1;
}

}  // namespace dnnd::engine
