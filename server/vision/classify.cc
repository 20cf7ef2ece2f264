#include "server/vision/classify.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dnnd::server {

namespace {

// Rounding of a sum of a thousand float32 probabilities (fp16 ones: 1000 * 2^-11 * their mean,
// 1e-3) stays well within it; logits that meet both conditions by chance are not to be expected.
constexpr double kSumTolerance = 5e-3;

bool AreProbabilities(absl::Span<const float> outputs) {
  double sum = 0.0;
  for (const float value : outputs) {
    if (!(value >= 0.0f)) {
      return false;
    }
    sum += value;
  }
  return std::abs(sum - 1.0) <= kSumTolerance;
}

// Best first; a strict order also where there are NaNs.
bool IsBetter(const ScoredClass& a, const ScoredClass& b) {
  if (std::isnan(a.score) != std::isnan(b.score)) {
    return std::isnan(b.score);
  }
  if (a.score != b.score && !std::isnan(a.score)) {
    return a.score > b.score;
  }
  return a.index < b.index;
}

// exp(x - max) / sum, the sum in double; needs all outputs, but only the chosen are changed.
void Softmax(absl::Span<const float> outputs, std::vector<ScoredClass>& chosen) {
  const float largest = *std::max_element(outputs.begin(), outputs.end());
  double sum = 0.0;
  for (const float value : outputs) {
    sum += std::exp(static_cast<double>(value) - largest);
  }
  for (ScoredClass& item : chosen) {
    item.score = static_cast<float>(std::exp(static_cast<double>(item.score) - largest) / sum);
  }
}

}  // namespace

std::vector<ScoredClass> BestClasses(absl::Span<const float> outputs, Activation activation,
                                     int top_k) {
  std::vector<ScoredClass> classes(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    classes[i] = {static_cast<int>(i), outputs[i]};
  }
  if (outputs.empty()) {
    return classes;
  }
  // All activations are monotone: the best are chosen first, and few exponentials are taken.
  const size_t count = top_k == 0 ? classes.size() : std::min<size_t>(top_k, classes.size());
  std::partial_sort(classes.begin(), classes.begin() + count, classes.end(), IsBetter);
  classes.resize(count);
  if (activation == Activation::kAuto) {
    activation = AreProbabilities(outputs) ? Activation::kNone : Activation::kSoftmax;
  }
  if (activation == Activation::kSoftmax) {
    Softmax(outputs, classes);
  } else if (activation == Activation::kSigmoid) {
    for (ScoredClass& item : classes) {
      item.score = static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(item.score))));
    }
  }
  return classes;
}

}  // namespace dnnd::server
