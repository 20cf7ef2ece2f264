// The exponential as plain arithmetic, which loops over it turn into vector code.
#ifndef DNND_ENGINE_OPS_VECTOR_EXP_H_
#define DNND_ENGINE_OPS_VECTOR_EXP_H_

#include <bit>
#include <cstdint>

#include "engine/ops/simd.h"

namespace dnnd::engine {

// exp(x) for x <= 88 within two units in the last place; below the least normal float its value.
// NaN stays NaN. Cody and Waite's reduction by n ln 2 and the polynomial of Cephes.
DNND_VECTOR_BODY inline float VectorExp(float x) {
  constexpr float kLowest = -87.33654f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer
  const float clamped = x < kLowest ? kLowest : x;
  const float shifted = clamped * 1.44269504f + kRound;
  const float n = shifted - kRound;
  const float r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float mantissa = p * r * r + r + 1.0f;
  const int32_t exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kRound);
  return mantissa * std::bit_cast<float>((exponent + 127) << 23);
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_VECTOR_EXP_H_
