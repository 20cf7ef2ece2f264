// Copies between tensors whose elements lie in another order: the one loop nest under every
// operator that only moves elements.
#ifndef DNND_ENGINE_OPS_STRIDED_COPY_H_
#define DNND_ENGINE_OPS_STRIDED_COPY_H_

#include <cstdint>

#include "absl/types/span.h"
#include "engine/tensor/data_type.h"
#include "engine/tensor/shape.h"

namespace dnnd::engine {

// For every index below `extents`: target[target_offset + index · target_strides] =
// source[source_offset + index · source_strides], all in elements.
struct Move {
  static constexpr int kZeros = -1;

  int input = 0;  // the argument that is the source; kZeros: the target becomes zero
  int output = 0;
  int64_t source_offset = 0;
  int64_t target_offset = 0;
  Dims extents;
  Dims source_strides;
  Dims target_strides;
};

// The same copy in the form that RunMoves is fast on: axes ordered by the target, neighbours
// merged, at least two axes.
Move Normalized(Move move);

// Runs normalised moves, none of which overlap, on the team of the calling thread, which is woken
// once. `inputs` and `outputs` hold elements of `type`; the moves' indices are theirs.
void RunMoves(absl::Span<const Move> moves, DataType type, absl::Span<const void* const> inputs,
              absl::Span<void* const> outputs);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_STRIDED_COPY_H_
