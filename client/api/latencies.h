#ifndef DNND_CLIENT_API_LATENCIES_H_
#define DNND_CLIENT_API_LATENCIES_H_

#include <cstddef>
#include <vector>

namespace dnnd::client {

// Every latency of a measurement, in milliseconds. Exact: nothing is bucketed. Not thread-safe.
class Latencies {
 public:
  void Add(double ms) { samples_.push_back(ms); }

  size_t count() const { return samples_.size(); }

  // All figures are 0 where there is no sample.
  double Mean() const;
  double Max() const;

  // The smallest sample that at least `percent` percent of the samples do not exceed (nearest
  // rank). REQUIRES: 0 < percent <= 100.
  double Percentile(double percent) const;

 private:
  std::vector<double> samples_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_LATENCIES_H_
