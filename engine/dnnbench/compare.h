// How far one tensor is from another that it should equal.
#ifndef DNND_ENGINE_DNNBENCH_COMPARE_H_
#define DNND_ENGINE_DNNBENCH_COMPARE_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::engine {

// An element passes when |got - want| <= absolute + relative * |want| + of_range * R, where R is
// the largest magnitude of all wanted elements. The defaults are those of ONNX's own test runner.
struct Tolerance {
  double absolute = 1e-7;
  double relative = 1e-3;
  double of_range = 0;
};

struct Comparison {
  double max_absolute = 0;  // largest |got - want|
  double max_relative = 0;  // largest |got - want| / |want| where want is not zero
  double range = 0;         // R
  double max_of_range = 0;  // max_absolute / R; of several tensors: the largest of these quotients
  int64_t outside = 0;      // elements that do not pass

  // Adds another tensor's: the worst of both, and the elements outside of either.
  Comparison& operator+=(const Comparison& other);
};

// NaN equals NaN and an infinity itself. INVALID_ARGUMENT when the types or shapes differ (the
// message says how), or strings or truth values do.
absl::StatusOr<Comparison> Compare(const TensorView& got, const TensorView& want,
                                   const Tolerance& tolerance);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_COMPARE_H_
