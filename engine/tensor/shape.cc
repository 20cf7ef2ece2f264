#include "engine/tensor/shape.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/checked.h"

namespace dnnd::engine {

absl::StatusOr<Shape> Shape::Create(absl::Span<const int64_t> dims) {
  if (dims.size() > kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank is ", dims.size(), ", wanted at most ", kMaxRank));
  }
  std::optional<int64_t> elements = 1;
  for (int64_t dim : dims) {
    if (dim < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("negative extent in shape [", absl::StrJoin(dims, ","), "]"));
    }
    // Zero extents must not hide an overflow in the others.
    elements = CheckedMul(*elements, std::max<int64_t>(dim, 1));
    if (!elements.has_value() || *elements > kMaxTensorBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shape [", absl::StrJoin(dims, ","), "] has more than ", kMaxTensorBytes, " elements"));
    }
  }
  return Shape(dims);
}

int64_t Shape::num_elements() const { return Product(0, rank()); }

int64_t Shape::Product(int begin, int end) const {
  int64_t product = 1;
  for (int axis = begin; axis < end; ++axis) {
    product *= dims_[axis];
  }
  return product;
}

Dims Shape::Strides() const {
  Dims strides(dims_.size());
  int64_t stride = 1;
  for (int axis = rank() - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= dims_[axis];
  }
  return strides;
}

Shape Shape::WithDim(int axis, int64_t extent) const {
  Shape shape = *this;
  shape.dims_[axis] = extent;
  return shape;
}

std::string Shape::ToString() const { return absl::StrCat("[", absl::StrJoin(dims_, ","), "]"); }

absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  Dims dims(rank);
  for (int i = 1; i <= rank; ++i) {
    const int64_t from_a = i <= a.rank() ? a[a.rank() - i] : 1;
    const int64_t from_b = i <= b.rank() ? b[b.rank() - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("shapes ", a.ToString(), " and ", b.ToString(), " do not broadcast"));
    }
    dims[rank - i] = from_a == 1 ? from_b : from_a;
  }
  return Shape::Create(dims);
}

absl::StatusOr<int> NormalizeAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis is ", axis, ", wanted one in [", -rank, ", ", rank, ")"));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace dnnd::engine
