// Mean and variance of large arrays: sums in float over short stretches, in double beyond.
#ifndef DNND_ENGINE_OPS_MOMENTS_H_
#define DNND_ENGINE_OPS_MOMENTS_H_

#include <cstdint>

namespace dnnd::engine {

struct Moments {
  double mean = 0;
  double variance = 0;  // of the population
};

// Joins the moments of parts into those of the whole (Chan's formula). A value type.
class MomentsJoin {
 public:
  void Add(const Moments& part, int64_t count) {
    if (count == 0) {
      return;
    }
    const double weight = static_cast<double>(count);
    const double total = count_ + weight;
    const double difference = part.mean - mean_;
    mean_ += difference * weight / total;
    squares_ += part.variance * weight + difference * difference * count_ * weight / total;
    count_ = total;
  }
  // REQUIRES: something was added.
  Moments moments() const { return {mean_, squares_ / count_}; }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// The plain two passes, all in double: for the reference kernels. REQUIRES: count >= 1.
template <typename T>
Moments ExactMoments(const T* x, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += x[i];
  }
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  return {mean, squares / static_cast<double>(count)};
}

// Of `count` >= 1 elements side by side.
Moments MomentsOfLine(const float* x, int64_t count);

// Of each channel over `pixels` >= 1 pixels, a pixel being `channels` elements side by side.
void MomentsOfPixels(const float* x, int64_t pixels, int64_t channels, Moments* moments);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_MOMENTS_H_
