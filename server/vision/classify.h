// From a classifier's output to classes, best first.
#ifndef DNND_SERVER_VISION_CLASSIFY_H_
#define DNND_SERVER_VISION_CLASSIFY_H_

#include <vector>

#include "absl/types/span.h"

namespace dnnd::server {

enum class Activation {
  kAuto,  // kNone for outputs that are probabilities already (none negative, sum 1), else kSoftmax
  kNone,
  kSoftmax,
  kSigmoid,
};

struct ScoredClass {
  int index = 0;
  float score = 0.0f;
};

// The `top_k` best of `outputs` ([classes], one picture) after `activation`, equal scores in the
// order of their index; NaN is worse than any number. Every class when top_k is 0 or above their
// count. REQUIRES: top_k >= 0.
std::vector<ScoredClass> BestClasses(absl::Span<const float> outputs, Activation activation,
                                     int top_k);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_CLASSIFY_H_
