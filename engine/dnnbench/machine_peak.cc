#include "engine/dnnbench/machine_peak.h"

#include <immintrin.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace dnnd::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Independent chains, enough to cover the latency of a multiply-add on two ports.
constexpr int kChains = 12;
constexpr int64_t kIterations = 1'000'000;
constexpr int64_t kReadBytes = int64_t{128} << 20;  // beyond any cache
constexpr int kRepeats = 3;

// A layer that reaches less than this part of both roofs is limited by neither.
constexpr double kNearARoof = 0.2;

__attribute__((target("avx512f"))) float MultiplyAdd512() {
  __m512 sums[kChains] = {};
  const __m512 factor = _mm512_set1_ps(0.5f);
  for (int64_t i = 0; i < kIterations; ++i) {
    for (__m512& sum : sums) {
      sum = _mm512_fmadd_ps(sum, factor, factor);
    }
  }
  float total = 0;
  for (const __m512& sum : sums) {
    float lanes[16];
    _mm512_storeu_ps(lanes, sum);
    total += lanes[0];
  }
  return total;
}

__attribute__((target("avx2,fma"))) float MultiplyAdd256() {
  __m256 sums[kChains] = {};
  const __m256 factor = _mm256_set1_ps(0.5f);
  for (int64_t i = 0; i < kIterations; ++i) {
    for (__m256& sum : sums) {
      sum = _mm256_fmadd_ps(sum, factor, factor);
    }
  }
  float total = 0;
  for (const __m256& sum : sums) {
    total += _mm256_cvtss_f32(sum);
  }
  return total;
}

float MultiplyAdd128() {
  __m128 sums[kChains] = {};
  const __m128 factor = _mm_set1_ps(0.5f);
  for (int64_t i = 0; i < kIterations; ++i) {
    for (__m128& sum : sums) {
      sum = _mm_add_ps(_mm_mul_ps(sum, factor), factor);
    }
  }
  float total = 0;
  for (const __m128& sum : sums) {
    total += _mm_cvtss_f32(sum);
  }
  return total;
}

struct Probe {
  float (*run)();
  int lanes;
};

Probe BestProbe() {
  if (__builtin_cpu_supports("avx512f")) {
    return {&MultiplyAdd512, 16};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {&MultiplyAdd256, 8};
  }
  return {&MultiplyAdd128, 4};
}

// The best of a few times `body` on the whole team, in seconds.
template <typename Body>
double BestSeconds(int threads, const Body& body) {
  double best = 1e9;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const SteadyClock::time_point start = SteadyClock::now();
#pragma omp parallel num_threads(threads)
    body(omp_get_thread_num(), omp_get_num_threads());
    best = std::min(best, std::chrono::duration<double>(SteadyClock::now() - start).count());
  }
  return best;
}

}  // namespace

MachinePeak MeasurePeak(int threads) {
  const Probe probe = BestProbe();
  // What the probes compute must count for something, or the compiler drops it.
  std::vector<double> sums(threads);
  MachinePeak peak;
  const double compute =
      BestSeconds(threads, [&](int rank, int) { sums[rank] += static_cast<double>(probe.run()); });
  peak.flops = 2.0 * kChains * probe.lanes * kIterations * threads / compute;
  std::vector<int64_t> data(kReadBytes / sizeof(int64_t), 1);
  const double read = BestSeconds(threads, [&](int rank, int team) {
    const int64_t begin = static_cast<int64_t>(data.size()) * rank / team;
    const int64_t end = static_cast<int64_t>(data.size()) * (rank + 1) / team;
    int64_t sum = 0;
    for (int64_t i = begin; i < end; ++i) {
      sum += data[i];
    }
    sums[rank] += static_cast<double>(sum);
  });
  peak.bytes_per_second = static_cast<double>(kReadBytes) / read;
  volatile double sink = sums[0];
  (void)sink;
  return peak;
}

std::string BoundOf(const Cost& cost, double seconds, const MachinePeak& peak) {
  const double compute = static_cast<double>(cost.operations()) / peak.flops;
  const double memory = static_cast<double>(cost.moved_bytes()) / peak.bytes_per_second;
  if (std::max(compute, memory) < kNearARoof * seconds) {
    return "latency";
  }
  return compute > memory ? "compute" : "memory";
}

}  // namespace dnnd::engine
