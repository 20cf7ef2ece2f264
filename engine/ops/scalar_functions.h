// Functions of two elements that several operators share, defined for every pair of values.
#ifndef DNND_ENGINE_OPS_SCALAR_FUNCTIONS_H_
#define DNND_ENGINE_OPS_SCALAR_FUNCTIONS_H_

#include <cstdint>
#include <type_traits>

namespace dnnd::engine {

// A sum, difference or product. Integers wrap, as they do in every other runtime: through unsigned,
// where wrapping is defined.
template <typename T, typename Function>
T Wrapping(T a, T b, const Function& function) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(function(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  } else {
    return function(a, b);
  }
}

// NaN wins, as in numpy.
template <typename T>
T Greater(T a, T b) {
  return a > b || a != a ? a : b;  // NOLINT(misc-redundant-expression): NaN
}
template <typename T>
T Lesser(T a, T b) {
  return a < b || a != a ? a : b;  // NOLINT(misc-redundant-expression): NaN
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_SCALAR_FUNCTIONS_H_
