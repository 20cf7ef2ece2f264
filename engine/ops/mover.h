// Operators that only move elements (Concat, Slice, Pad, Transpose …) say what goes where as a list
// of rectangular copies with strides. The reference kernel and the compiled kernels run the same
// list: a layout only changes the strides.
#ifndef DNND_ENGINE_OPS_MOVER_H_
#define DNND_ENGINE_OPS_MOVER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/ops/strided_copy.h"

namespace dnnd::engine {

// Where the elements of a node's arguments lie: strides by logical axis.
struct Placement {
  std::vector<Dims> inputs;
  std::vector<Dims> outputs;
  std::vector<Shape> output_shapes;
};

// Strides in elements by logical axis. REQUIRES: layout is kRowMajor or kChannelsLast.
Dims LayoutStrides(const Shape& shape, Layout layout);

// The copies of one node. They cover every element of the outputs, each once.
using MovePlanner = absl::StatusOr<std::vector<Move>> (*)(const OpArguments& arguments,
                                                          const Placement& placement);

// OpDef::reference of a mover.
absl::Status ReferenceMoves(const ReferenceContext& context, MovePlanner planner);

// OpDef::candidates of a mover: channels_last where all activations have rank 3 to 5, and
// row_major. Inputs from `first_parameter` on are parameters, always row-major.
std::vector<Candidate> MoverCandidates(const CompileContext& context, int first_parameter);

// OpDef::compile of a mover.
absl::StatusOr<std::unique_ptr<Kernel>> CompileMoves(const CompileContext& context,
                                                     const Candidate& candidate,
                                                     MovePlanner planner);

// Moves input 0 of `type` from one layout to another, as output 0: for types that oneDNN does not
// reorder. UNIMPLEMENTED for strings, and for layouts other than kRowMajor and kChannelsLast.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLayoutMove(const TensorType& type, Layout from,
                                                       Layout to);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_MOVER_H_
