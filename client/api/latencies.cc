#include "client/api/latencies.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dnnd::client {

double Latencies::Mean() const {
  if (samples_.empty()) return 0;
  return std::accumulate(samples_.begin(), samples_.end(), 0.0) / samples_.size();
}

double Latencies::Max() const {
  return samples_.empty() ? 0 : *std::max_element(samples_.begin(), samples_.end());
}

double Latencies::Percentile(double percent) const {
  if (samples_.empty()) return 0;
  // 99 % of 100 is 99.00000000000001 in doubles, which must not become rank 100.
  constexpr double kRounding = 1e-9;
  const double exact = percent / 100 * samples_.size();
  const size_t rank = std::max<size_t>(1, static_cast<size_t>(std::ceil(exact - kRounding)));
  std::vector<double> samples = samples_;
  std::nth_element(samples.begin(), samples.begin() + (rank - 1), samples.end());
  return samples[rank - 1];
}

}  // namespace dnnd::client
