// The extents of a tensor, all known. (A shape with unknown dimensions is a SymbolicShape,
// engine/ir/graph.h.)
#ifndef DNND_ENGINE_TENSOR_SHAPE_H_
#define DNND_ENGINE_TENSOR_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace dnnd::engine {

using Dims = absl::InlinedVector<int64_t, 6>;

// No tensor may be larger: bounds every product of sizes long before it can overflow.
inline constexpr int64_t kMaxTensorBytes = int64_t{1} << 38;
inline constexpr int kMaxRank = 12;

// A value type. Every extent is >= 0, the rank at most kMaxRank.
class Shape {
 public:
  Shape() = default;  // a scalar: rank 0, one element
  // REQUIRES: every extent >= 0 (for shapes of our own making; use Create for any that come from
  // outside).
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}  // NOLINT: implicit
  explicit Shape(absl::Span<const int64_t> dims) : dims_(dims.begin(), dims.end()) {}

  // INVALID_ARGUMENT for a negative extent, a rank above kMaxRank, or more than kMaxTensorBytes
  // elements.
  static absl::StatusOr<Shape> Create(absl::Span<const int64_t> dims);

  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t operator[](int axis) const { return dims_[axis]; }
  absl::Span<const int64_t> dims() const { return dims_; }
  int64_t num_elements() const;

  // The product of extents [begin, end).
  int64_t Product(int begin, int end) const;

  // Row-major strides in elements; the last is 1.
  Dims Strides() const;

  // A shape equal to this but for one axis.
  Shape WithDim(int axis, int64_t extent) const;

  std::string ToString() const;  // "[1,3,224,224]"

  friend bool operator==(const Shape& a, const Shape& b) { return a.dims_ == b.dims_; }
  friend bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

 private:
  Dims dims_;
};

// The shape of a numpy-style broadcast of `a` and `b`. INVALID_ARGUMENT naming both when they do
// not fit.
absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b);

// `axis` in [-rank, rank) as a non-negative axis. INVALID_ARGUMENT outside.
absl::StatusOr<int> NormalizeAxis(int64_t axis, int rank);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_SHAPE_H_
