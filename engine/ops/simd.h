// Loops compiled for the widest vectors that the CPU has, in a tree built for baseline x86-64.
#ifndef DNND_ENGINE_OPS_SIMD_H_
#define DNND_ENGINE_OPS_SIMD_H_

namespace dnnd::engine {

// Marks a lambda whose body Vectorized shall compile anew for each instruction set:
//   Vectorized([=]() DNND_VECTOR_BODY { for (…) y[i] = …; });
// Capture by value: the compiler then knows that pointers and counts do not change in the loop.
#define DNND_VECTOR_BODY __attribute__((always_inline))

// Before a loop whose iterations do not depend on each other although its pointers may be equal: a
// result that takes the place of an argument, element by element.
#if defined(__clang__)
#define DNND_INDEPENDENT_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define DNND_INDEPENDENT_LOOP _Pragma("GCC ivdep")
#endif

namespace internal {

#if defined(__x86_64__)
template <typename Body>
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))) void RunForAvx512(
    const Body& body) {
  body();
}
template <typename Body>
__attribute__((target("avx2,fma"))) void RunForAvx2(const Body& body) {
  body();
}

// 2: AVX-512, 1: AVX2 with FMA, 0: neither.
inline int VectorLevel() {
  static const int level = [] {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
      return 2;
    }
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
  }();
  return level;
}
#endif

}  // namespace internal

template <typename Body>
void Vectorized(const Body& body) {
#if defined(__x86_64__)
  switch (internal::VectorLevel()) {
    case 2:
      internal::RunForAvx512(body);
      return;
    case 1:
      internal::RunForAvx2(body);
      return;
    default:
      break;
  }
#endif
  body();
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_SIMD_H_
