// Slice: a strided part of a tensor; a negative step walks backwards.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// By axis of the input.
struct SliceRange {
  int64_t start = 0;
  int64_t step = 1;
  int64_t count = 0;
};

// numpy's rules: negative positions count from the end, positions outside are clamped.
SliceRange Clamp(int64_t start, int64_t end, int64_t step, int64_t extent) {
  SliceRange range;
  // Steps beyond the extent take one element; the bound keeps every product small.
  const int64_t bound = std::max<int64_t>(extent, 1);
  range.step = std::clamp(step, -bound, bound);
  start = start < 0 ? start + extent : start;
  end = end < 0 ? end + extent : end;
  if (range.step > 0) {
    start = std::clamp<int64_t>(start, 0, extent);
    end = std::clamp<int64_t>(end, 0, extent);
    range.count = end > start ? (end - start - 1) / range.step + 1 : 0;
  } else {
    start = std::clamp<int64_t>(start, -1, extent - 1);
    end = std::clamp<int64_t>(end, -1, extent - 1);
    range.count = start > end ? (start - end - 1) / -range.step + 1 : 0;
  }
  range.start = range.count == 0 ? 0 : start;
  return range;
}

absl::StatusOr<std::vector<SliceRange>> ReadRanges(const OpArguments& arguments) {
  const Shape& input = arguments.input_shape(0);
  DNND_ASSIGN_OR_RETURN(const Dims starts, arguments.Int64s(1));
  DNND_ASSIGN_OR_RETURN(const Dims ends, arguments.Int64s(2));
  Dims all(starts.size());
  std::iota(all.begin(), all.end(), 0);
  DNND_ASSIGN_OR_RETURN(const Dims named, arguments.Int64sOr(3, all));
  DNND_ASSIGN_OR_RETURN(const Dims steps, arguments.Int64sOr(4, Dims(starts.size(), 1)));
  if (ends.size() != starts.size() || named.size() != starts.size() ||
      steps.size() != starts.size()) {
    return absl::InvalidArgumentError(absl::StrCat("got ", starts.size(), " starts, ", ends.size(),
                                                   " ends, ", named.size(), " axes and ",
                                                   steps.size(), " steps, wanted as many of each"));
  }
  DNND_ASSIGN_OR_RETURN(const std::vector<int> axes, NormalizeAxes(named, input.rank()));
  std::vector<SliceRange> ranges(input.rank());
  for (int axis = 0; axis < input.rank(); ++axis) {
    ranges[axis].count = input[axis];
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == 0) {
      return absl::InvalidArgumentError(absl::StrCat("the step of axis ", axes[i], " is 0"));
    }
    ranges[axes[i]] = Clamp(starts[i], ends[i], steps[i], input[axes[i]]);
  }
  return ranges;
}

absl::Status InferSlice(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const std::vector<SliceRange> ranges, ReadRanges(OpArguments(context)));
  Dims dims;
  for (const SliceRange& range : ranges) {
    dims.push_back(range.count);
  }
  context.SetOutput(0, context.input(0).type, Shape(dims));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanSlice(const OpArguments& arguments,
                                            const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const std::vector<SliceRange> ranges, ReadRanges(arguments));
  Move move;
  for (size_t axis = 0; axis < ranges.size(); ++axis) {
    const int64_t stride = placement.inputs[0][axis];
    move.source_offset += ranges[axis].start * stride;
    move.extents.push_back(ranges[axis].count);
    move.source_strides.push_back(ranges[axis].step * stride);
    move.target_strides.push_back(placement.outputs[0][axis]);
  }
  return std::vector<Move>{std::move(move)};
}

absl::Status RunSlice(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanSlice);
}

std::vector<Candidate> SliceCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileSlice(const CompileContext& context,
                                                     const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanSlice);
}

absl::StatusOr<RowAxis> RowsOfSlice(const RowsContext& context) {
  if (!context.rows(0).has_value()) {
    return absl::UnimplementedError("its bounds come from the rows");
  }
  const RowAxis rows = *context.rows(0);
  DNND_ASSIGN_OR_RETURN(const std::vector<SliceRange> ranges, ReadRanges(OpArguments(context)));
  const SliceRange& range = ranges[rows.axis];
  if (range.step != 1 || range.count != context.input_shape(0)[rows.axis]) {
    return RowsMix();
  }
  return rows;
}

}  // namespace

extern const OpDef kSlice = {.type = "Slice",
                             .min_inputs = 3,
                             .max_inputs = 5,
                             .infer = InferSlice,
                             .reference = RunSlice,
                             .candidates = SliceCandidates,
                             .compile = CompileSlice,
                             .rows = RowsOfSlice};

}  // namespace dnnd::engine
