// What a piece of work costs: computation and data movement. Costs add.
#ifndef DNND_ENGINE_BASE_COST_H_
#define DNND_ENGINE_BASE_COST_H_

#include <cstdint>

namespace dnnd::engine {

struct Cost {
  int64_t multiply_accumulates = 0;  // computation: fused multiply-adds of the direct algorithm
  int64_t other_operations =
      0;                      // computation: element operations that are not multiply-accumulates
  int64_t weight_bytes = 0;   // memory and data movement: parameters read
  int64_t read_bytes = 0;     // data movement: activations read
  int64_t written_bytes = 0;  // data movement: activations written

  // Floating-point operations: a multiply-accumulate counts as two.
  int64_t operations() const { return 2 * multiply_accumulates + other_operations; }
  int64_t moved_bytes() const { return weight_bytes + read_bytes + written_bytes; }

  Cost& operator+=(const Cost& other) {
    multiply_accumulates += other.multiply_accumulates;
    other_operations += other.other_operations;
    weight_bytes += other.weight_bytes;
    read_bytes += other.read_bytes;
    written_bytes += other.written_bytes;
    return *this;
  }
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_COST_H_
