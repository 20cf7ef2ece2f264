// Gather: slabs of one axis by index; a negative index counts from the end.
#include <algorithm>
#include <cstring>
#include <string>

#include "engine/base/status.h"
#include "engine/ops/indices.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferGather(InferContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 0));
  DNND_RETURN_IF_ERROR(RequireIndices(context, 1));
  const auto data = context.input_shape(0).dims();
  const auto indices = context.input_shape(1).dims();
  Dims dims(data.begin(), data.begin() + axis);
  dims.insert(dims.end(), indices.begin(), indices.end());
  dims.insert(dims.end(), data.begin() + axis + 1, data.end());
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

template <typename T, typename Index>
absl::Status GatherTyped(const ReferenceContext& context, int axis, int64_t unit) {
  const Shape& data = context.input(0).shape();
  const int64_t outer = data.Product(0, axis);
  const int64_t inner = data.Product(axis + 1, data.rank()) * unit;
  const int64_t count = context.input(1).num_elements();
  const Index* indices = context.input(1).data<Index>();
  const T* source = context.input(0).data<T>();
  T* target = context.output(0).data<T>();
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t position = PositionOnAxis(indices[i], data[axis]);
      if (position < 0) {
        return OutsideAxis(indices[i], axis, data);
      }
      target = std::copy_n(source + (o * data[axis] + position) * inner, inner, target);
    }
  }
  return absl::OkStatus();
}

absl::Status RunGather(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const bool wide = context.input(1).type() == DataType::kInt64;
  if (context.input(0).type() == DataType::kString) {
    return wide ? GatherTyped<std::string, int64_t>(context, axis, 1)
                : GatherTyped<std::string, int32_t>(context, axis, 1);
  }
  const int64_t bytes = ElementSize(context.input(0).type());
  return wide ? GatherTyped<uint8_t, int64_t>(context, axis, bytes)
              : GatherTyped<uint8_t, int32_t>(context, axis, bytes);
}

// More copies than this are better made by the reference kernel's own loop.
constexpr int64_t kMaxMoves = 64;

// One copy an index, for indices that are known when the plan is made.
absl::StatusOr<std::vector<Move>> PlanGather(const OpArguments& arguments,
                                             const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const int axis, arguments.Axis("axis", 0));
  DNND_ASSIGN_OR_RETURN(const Dims indices, arguments.Int64s(1));
  const Shape& data = arguments.input_shape(0);
  // Of a single axis of indices, or none: more would be another number of axes on either side.
  const int index_rank = arguments.input_shape(1).rank();
  if (index_rank > 1 || static_cast<int64_t>(indices.size()) > kMaxMoves) {
    return absl::UnimplementedError("more indices than copies are worth");
  }
  std::vector<Move> moves;
  for (size_t i = 0; i < indices.size(); ++i) {
    const int64_t position = PositionOnAxis(indices[i], data[axis]);
    if (position < 0) {
      return OutsideAxis(indices[i], axis, data);
    }
    Move move;
    move.source_offset = position * placement.inputs[0][axis];
    move.target_offset = index_rank == 0 ? 0 : i * placement.outputs[0][axis];
    for (int a = 0; a < data.rank(); ++a) {
      if (a != axis) {
        move.extents.push_back(data[a]);
        move.source_strides.push_back(placement.inputs[0][a]);
        move.target_strides.push_back(placement.outputs[0][a < axis ? a : a - 1 + index_rank]);
      }
    }
    moves.push_back(std::move(move));
  }
  return moves;
}

std::vector<Candidate> GatherCandidates(const CompileContext& context) {
  if (context.constant(1) == nullptr) {
    return {};
  }
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileGather(const CompileContext& context,
                                                      const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanGather);
}

absl::StatusOr<RowAxis> RowsOfGather(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  if (context.rows(1).has_value()) {  // each row has indices of its own
    DNND_RETURN_IF_ERROR(context.CheckShared(0));
    return RowAxis{axis + context.rows(1)->axis, context.rows(1)->inner};
  }
  DNND_ASSIGN_OR_RETURN(RowAxis rows, RowsOffAxis(context, axis));
  if (rows.axis > axis) {
    rows.axis += context.input_shape(1).rank() - 1;
  }
  return rows;
}

}  // namespace

extern const OpDef kGather = {.type = "Gather",
                              .min_inputs = 2,
                              .max_inputs = 2,
                              .infer = InferGather,
                              .reference = RunGather,
                              .candidates = GatherCandidates,
                              .compile = CompileGather,
                              .rows = RowsOfGather};

}  // namespace dnnd::engine
