// Walks several tensors of different shapes under one broadcast shape, row by row.
#ifndef DNND_ENGINE_OPS_BROADCAST_H_
#define DNND_ENGINE_OPS_BROADCAST_H_

#include <array>
#include <cstdint>
#include <utility>

#include "engine/tensor/shape.h"

namespace dnnd::engine {

// Row-major offsets of N operands under a common shape. Neighbouring axes along which every operand
// is either whole or repeated are merged, so that rows are long. A value type.
template <int N>
class BroadcastWalk {
 public:
  // REQUIRES: each operand broadcasts to `shape`.
  BroadcastWalk(const Shape& shape, const std::array<const Shape*, N>& operands) {
    std::array<int64_t, N> dense;
    dense.fill(1);
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      std::array<int64_t, N> strides;
      for (int i = 0; i < N; ++i) {
        const int own = axis - (shape.rank() - operands[i]->rank());
        const int64_t extent = own < 0 ? 1 : (*operands[i])[own];
        strides[i] = extent == 1 ? 0 : dense[i];
        dense[i] *= extent;
      }
      Append(shape[axis], strides);
    }
    if (extents_.empty()) {
      Append(1, {});
    }
  }

  int64_t row_length() const { return extents_.empty() ? 1 : extents_[0]; }
  int64_t num_rows() const {
    int64_t rows = 1;
    for (size_t i = 1; i < extents_.size(); ++i) {
      rows *= extents_[i];
    }
    return rows;
  }
  // How far operand i moves from one element of a row to the next: 1, or 0 where it is repeated.
  int64_t step(int i) const { return strides_[0][i]; }

  // Whether operand i is whole: its elements lie as those of the result do.
  bool is_whole(int i) const {
    int64_t dense = 1;
    for (size_t axis = 0; axis < extents_.size(); ++axis) {
      if (extents_[axis] != 1 && strides_[axis][i] != dense) {
        return false;
      }
      dense *= extents_[axis];
    }
    return true;
  }
  // Whether operand i is one row, repeated for every row of the result.
  bool is_one_row(int i) const {
    bool repeated = strides_[0][i] != 0;
    for (size_t axis = 1; axis < extents_.size(); ++axis) {
      repeated = repeated && strides_[axis][i] == 0;
    }
    return repeated;
  }

  // Calls row(row_index, offsets) for rows [begin, end): `offsets` are where the row begins in each
  // operand.
  template <typename Row>
  void ForRows(int64_t begin, int64_t end, const Row& row) const {
    Dims position(extents_.size(), 0);
    std::array<int64_t, N> offsets{};
    int64_t rest = begin;
    for (size_t axis = 1; axis < extents_.size() && begin < end; ++axis) {
      position[axis] = rest % extents_[axis];
      rest /= extents_[axis];
      Move(axis, position[axis], offsets);
    }
    for (int64_t index = begin; index < end; ++index) {
      row(index, std::as_const(offsets));
      for (size_t axis = 1; axis < extents_.size(); ++axis) {
        Move(axis, 1, offsets);
        if (++position[axis] < extents_[axis]) {
          break;
        }
        Move(axis, -extents_[axis], offsets);
        position[axis] = 0;
      }
    }
  }

 private:
  void Move(size_t axis, int64_t count, std::array<int64_t, N>& offsets) const {
    for (int i = 0; i < N; ++i) {
      offsets[i] += count * strides_[axis][i];
    }
  }
  // Axes come innermost first.
  void Append(int64_t extent, const std::array<int64_t, N>& strides) {
    if (extent == 1 && !extents_.empty()) {
      return;
    }
    if (!extents_.empty() && Continues(strides)) {
      extents_.back() *= extent;
      if (extents_.back() == extent) {
        strides_.back() = strides;  // what lay inside had extent 1
      }
      return;
    }
    extents_.push_back(extent);
    strides_.push_back(strides);
  }
  bool Continues(const std::array<int64_t, N>& strides) const {
    if (extents_.back() == 1) {
      return true;
    }
    for (int i = 0; i < N; ++i) {
      if (strides[i] != strides_.back()[i] * extents_.back()) {
        return false;
      }
    }
    return true;
  }

  Dims extents_;  // innermost first, merged
  absl::InlinedVector<std::array<int64_t, N>, 6> strides_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_BROADCAST_H_
