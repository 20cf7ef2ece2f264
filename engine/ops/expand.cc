// Expand and Tile: a tensor repeated along its axes.
#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferExpand(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const Dims dims, OpArguments(context).Int64s(1));
  DNND_ASSIGN_OR_RETURN(const Shape wanted, Shape::Create(dims));
  DNND_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(context.input_shape(0), wanted));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanExpand(const OpArguments& arguments,
                                             const Placement& placement) {
  const Shape& input = arguments.input_shape(0);
  const Shape& output = placement.output_shapes[0];
  Move move;
  for (int axis = 0; axis < output.rank(); ++axis) {
    const int from = axis - (output.rank() - input.rank());
    const bool repeated = from < 0 || input[from] == 1;
    move.extents.push_back(output[axis]);
    move.source_strides.push_back(repeated ? 0 : placement.inputs[0][from]);
    move.target_strides.push_back(placement.outputs[0][axis]);
  }
  return std::vector<Move>{std::move(move)};
}

absl::Status RunExpand(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanExpand);
}

std::vector<Candidate> ExpandCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileExpand(const CompileContext& context,
                                                      const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanExpand);
}

absl::Status InferTile(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const Dims repeats, OpArguments(context).Int64s(1));
  const Shape& input = context.input_shape(0);
  if (static_cast<int>(repeats.size()) != input.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", repeats.size(), " repeats for the shape ", input.ToString()));
  }
  Dims dims;
  for (int axis = 0; axis < input.rank(); ++axis) {
    const std::optional<int64_t> extent = CheckedMul(input[axis], repeats[axis]);
    if (repeats[axis] < 0 || !extent.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot repeat axis ", axis, " ", repeats[axis], " times"));
    }
    dims.push_back(*extent);
  }
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanTile(const OpArguments& arguments,
                                           const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const Dims repeats, arguments.Int64s(1));
  const Shape& input = arguments.input_shape(0);
  Move move;
  for (int axis = 0; axis < input.rank(); ++axis) {
    const int64_t target_stride = placement.outputs[0][axis];
    move.extents.push_back(repeats[axis]);
    move.source_strides.push_back(0);
    move.target_strides.push_back(input[axis] * target_stride);
    move.extents.push_back(input[axis]);
    move.source_strides.push_back(placement.inputs[0][axis]);
    move.target_strides.push_back(target_stride);
  }
  return std::vector<Move>{std::move(move)};
}

absl::Status RunTile(const ReferenceContext& context) { return ReferenceMoves(context, PlanTile); }

std::vector<Candidate> TileCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileTile(const CompileContext& context,
                                                    const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanTile);
}

absl::StatusOr<RowAxis> RowsOfExpand(const RowsContext& context) {
  if (!context.rows(0).has_value()) {
    return absl::UnimplementedError("its extents come from the rows");
  }
  RowAxis rows = *context.rows(0);
  rows.axis += context.output_shape(0).rank() - context.input_shape(0).rank();
  return rows;
}

// Repeated along their axis, rows would come around again: that is no batch.
absl::StatusOr<RowAxis> RowsOfTile(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const RowAxis rows, RowsOfExpand(context));
  DNND_ASSIGN_OR_RETURN(const Dims repeats, OpArguments(context).Int64s(1));
  if (repeats[rows.axis] != 1) {
    return RowsMix();
  }
  return rows;
}

}  // namespace

extern const OpDef kExpand = {.type = "Expand",
                              .min_inputs = 2,
                              .max_inputs = 2,
                              .infer = InferExpand,
                              .reference = RunExpand,
                              .candidates = ExpandCandidates,
                              .compile = CompileExpand,
                              .rows = RowsOfExpand};

extern const OpDef kTile = {.type = "Tile",
                            .min_inputs = 2,
                            .max_inputs = 2,
                            .infer = InferTile,
                            .reference = RunTile,
                            .candidates = TileCandidates,
                            .compile = CompileTile,
                            .rows = RowsOfTile};

}  // namespace dnnd::engine
