// The error function as plain arithmetic, which loops over it turn into vector code.
#ifndef DNND_ENGINE_OPS_VECTOR_ERF_H_
#define DNND_ENGINE_OPS_VECTOR_ERF_H_

#include <cmath>

#include "engine/ops/simd.h"
#include "engine/ops/vector_exp.h"

namespace dnnd::engine {

// erf(x) within 3e-7: the odd polynomial of Cephes up to 1, beyond it formula 7.1.26 of Abramowitz
// and Stegun.
DNND_VECTOR_BODY inline float VectorErf(float x) {
  const float magnitude = std::fabs(x);
  const float square = x * x;
  float near = 7.853861353153693e-5f;
  near = near * square - 8.010193625184903e-4f;
  near = near * square + 5.188327685732524e-3f;
  near = near * square - 2.685381193529856e-2f;
  near = near * square + 1.128358514861418e-1f;
  near = near * square - 3.761262582423300e-1f;
  near = near * square + 1.128379165726710f;
  const float t = 1.0f / (1.0f + 0.3275911f * magnitude);
  float far = 1.061405429f;
  far = far * t - 1.453152027f;
  far = far * t + 1.421413741f;
  far = far * t - 0.284496736f;
  far = far * t + 0.254829592f;
  far = 1.0f - far * t * VectorExp(-square);
  return magnitude <= 1.0f ? near * x : std::copysign(far, x);
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_VECTOR_ERF_H_
