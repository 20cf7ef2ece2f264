// Concat and Split along one axis.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferConcat(InferContext& context) {
  const OpArguments arguments(context);
  // The axis has no default, but some old exporters leave 1 out.
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 1));
  const TensorType& first = context.input(0);
  int64_t extent = 0;
  for (int i = 0; i < context.num_inputs(); ++i) {
    const TensorType& input = context.input(i);
    if (input.type != first.type || input.shape.rank() != first.shape.rank() ||
        input.shape.WithDim(axis, 0) != first.shape.WithDim(axis, 0)) {
      return absl::InvalidArgumentError(absl::StrCat("input ", i, " is ", input.ToString(),
                                                     ", input 0 is ", first.ToString(),
                                                     "; they may differ only in extent ", axis));
    }
    extent += input.shape[axis];
  }
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(first.shape.WithDim(axis, extent).dims()));
  context.SetOutput(0, first.type, std::move(shape));
  return absl::OkStatus();
}

// One side of a concatenation or split: the slab that starts at `offset` of the long tensor.
Move Slab(const Shape& slab, const Dims& source_strides, const Dims& target_strides) {
  Move move;
  move.extents.assign(slab.dims().begin(), slab.dims().end());
  move.source_strides = source_strides;
  move.target_strides = target_strides;
  return move;
}

absl::StatusOr<std::vector<Move>> PlanConcat(const OpArguments& arguments,
                                             const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 1));
  std::vector<Move> moves;
  int64_t offset = 0;
  for (int i = 0; i < arguments.num_inputs(); ++i) {
    Move move = Slab(arguments.input_shape(i), placement.inputs[i], placement.outputs[0]);
    move.input = i;
    move.target_offset = offset * placement.outputs[0][axis];
    moves.push_back(std::move(move));
    offset += arguments.input_shape(i)[axis];
  }
  return moves;
}

absl::Status RunConcat(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanConcat);
}

std::vector<Candidate> ConcatCandidates(const CompileContext& context) {
  return MoverCandidates(context, context.num_inputs());
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileConcat(const CompileContext& context,
                                                      const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanConcat);
}

absl::StatusOr<Dims> SplitSizes(const OpArguments& arguments, int axis) {
  const int64_t extent = arguments.input_shape(0)[axis];
  const int parts = arguments.num_outputs();
  if (arguments.has_input(1)) {
    DNND_ASSIGN_OR_RETURN(Dims sizes, arguments.Int64s(1));
    int64_t total = 0;
    for (int64_t size : sizes) {
      // Each addend is checked before it is added: the sum cannot overflow.
      if (size < 0 || size > extent - total) {
        return absl::InvalidArgumentError(
            absl::StrCat("split sizes do not add up to the extent ", extent));
      }
      total += size;
    }
    if (total != extent || static_cast<int>(sizes.size()) != parts) {
      return absl::InvalidArgumentError(absl::StrCat("got ", sizes.size(), " sizes adding up to ",
                                                     total, ", wanted ", parts, " adding up to ",
                                                     extent));
    }
    return sizes;
  }
  if (arguments.attributes().Int("num_outputs", parts) != parts) {
    return absl::InvalidArgumentError(absl::StrCat("num_outputs is ",
                                                   arguments.attributes().Int("num_outputs", parts),
                                                   ", the node has ", parts, " outputs"));
  }
  const bool uneven_allowed = arguments.attributes().Has("num_outputs");
  const int64_t size = (extent + parts - 1) / parts;
  if (extent % parts != 0 && (!uneven_allowed || size * (parts - 1) > extent)) {
    return absl::InvalidArgumentError(
        absl::StrCat("extent ", extent, " does not split into ", parts, " parts"));
  }
  Dims sizes(parts, size);
  sizes.back() = extent - size * (parts - 1);
  return sizes;
}

absl::Status InferSplit(InferContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(const Dims sizes, SplitSizes(arguments, axis));
  for (int i = 0; i < static_cast<int>(sizes.size()); ++i) {
    context.SetOutput(i, context.input(0).type, context.input_shape(0).WithDim(axis, sizes[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanSplit(const OpArguments& arguments,
                                            const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(const Dims sizes, SplitSizes(arguments, axis));
  std::vector<Move> moves;
  int64_t offset = 0;
  for (int i = 0; i < static_cast<int>(sizes.size()); ++i) {
    if (arguments.node().outputs[i] != kNoValue) {
      Move move = Slab(arguments.input_shape(0).WithDim(axis, sizes[i]), placement.inputs[0],
                       placement.outputs[i]);
      move.output = i;
      move.source_offset = offset * placement.inputs[0][axis];
      moves.push_back(std::move(move));
    }
    offset += sizes[i];
  }
  return moves;
}

absl::Status RunSplit(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanSplit);
}

std::vector<Candidate> SplitCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileSplit(const CompileContext& context,
                                                     const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanSplit);
}

// Every other part lies along the same rows, or is the same beside each of them.
absl::StatusOr<RowAxis> RowsOfConcat(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 1));
  DNND_ASSIGN_OR_RETURN(const RowAxis rows, RowsOfBroadcast(context));
  if (rows.axis == axis && context.num_inputs() > 1) {
    return RowsMix();
  }
  return rows;
}

absl::StatusOr<RowAxis> RowsOfSplit(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  return RowsOffAxis(context, axis);
}

}  // namespace

extern const OpDef kConcat = {.type = "Concat",
                              .min_inputs = 1,
                              .max_inputs = kVariadic,
                              .infer = InferConcat,
                              .reference = RunConcat,
                              .candidates = ConcatCandidates,
                              .compile = CompileConcat,
                              .rows = RowsOfConcat};

extern const OpDef kSplit = {.type = "Split",
                             .min_inputs = 1,
                             .max_inputs = 2,
                             .min_outputs = 1,
                             .max_outputs = kVariadic,
                             .infer = InferSplit,
                             .reference = RunSplit,
                             .candidates = SplitCandidates,
                             .compile = CompileSplit,
                             .rows = RowsOfSplit};

}  // namespace dnnd::engine
