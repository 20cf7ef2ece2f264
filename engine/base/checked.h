// Arithmetic on sizes that came from outside: every product and sum is checked, and an overflow is
// a value, not a wrap.
#ifndef DNND_ENGINE_BASE_CHECKED_H_
#define DNND_ENGINE_BASE_CHECKED_H_

#include <cstdint>
#include <optional>

namespace dnnd::engine {

inline std::optional<int64_t> CheckedMul(int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) {
    return std::nullopt;
  }
  return result;
}

inline std::optional<int64_t> CheckedAdd(int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) {
    return std::nullopt;
  }
  return result;
}

// `value` rounded up to a multiple of `alignment`. REQUIRES: value >= 0, alignment a power of two,
// no overflow (sizes are bounded long before by kMaxTensorBytes).
constexpr int64_t RoundUp(int64_t value, int64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_CHECKED_H_
