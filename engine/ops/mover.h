// Operators that only move elements (Concat, Slice, Pad, Transpose …) say what goes where as a list
// of rectangular copies with strides. The reference kernel and the compiled kernels run the same
// list: a layout only changes the strides.
#ifndef DNND_ENGINE_OPS_MOVER_H_
#define DNND_ENGINE_OPS_MOVER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// For every index below `extents`: target[target_offset + index · target_strides] =
// source[source_offset + index · source_strides], all in elements.
struct Move {
  static constexpr int kZeros = -1;

  int input = 0;  // kZeros: the target becomes zero
  int output = 0;
  int64_t source_offset = 0;
  int64_t target_offset = 0;
  Dims extents;
  Dims source_strides;
  Dims target_strides;
};

// Where the elements of a node's arguments lie: strides by logical axis.
struct Placement {
  std::vector<Dims> inputs;
  std::vector<Dims> outputs;
  std::vector<Shape> output_shapes;
};

// Strides in elements by logical axis. REQUIRES: layout is kRowMajor or kChannelsLast.
Dims LayoutStrides(const Shape& shape, Layout layout);

// The copies of one node.
using MovePlanner = absl::StatusOr<std::vector<Move>> (*)(const OpArguments& arguments,
                                                          const Placement& placement);

// The same copy in the form that RunMove is fast on: axes ordered by the target, neighbours merged.
Move Normalized(Move move);

// Runs a normalised move on the team of the calling thread. REQUIRES: `source` (unless kZeros) and
// `target` hold elements of `type`.
void RunMove(const Move& move, DataType type, const void* source, void* target);

// OpDef::reference of a mover.
absl::Status RunMoves(const ReferenceContext& context, MovePlanner planner);

// OpDef::candidates of a mover: channels_last where all activations have rank 3 to 5, and
// row_major. Inputs from `first_parameter` on are parameters, always row-major.
std::vector<Candidate> MoverCandidates(const CompileContext& context, int first_parameter);

// OpDef::compile of a mover.
absl::StatusOr<std::unique_ptr<Kernel>> CompileMoves(const CompileContext& context,
                                                     const Candidate& candidate,
                                                     MovePlanner planner);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_MOVER_H_
