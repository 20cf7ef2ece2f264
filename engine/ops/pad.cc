// Pad: margins filled with a value, or with elements of the tensor itself (reflect, edge, wrap).
// A negative pad crops.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// A tensor padded by thousands of times its own extent is a mistake or an attack.
constexpr size_t kMaxMoves = 4096;

struct PadSpec {
  std::string mode;
  Dims before;  // by axis
  Dims after;
};

// A run of output positions along one axis, and where they come from.
struct Segment {
  int64_t target = 0;
  int64_t count = 0;
  bool fill = false;  // from nowhere: the fill value
  int64_t source = 0;
  int64_t step = 0;
};

absl::StatusOr<PadSpec> ReadPads(const OpArguments& arguments) {
  const int rank = arguments.input_shape(0).rank();
  PadSpec spec;
  spec.mode = arguments.attributes().String("mode", "constant");
  if (spec.mode != "constant" && spec.mode != "reflect" && spec.mode != "edge" &&
      spec.mode != "wrap") {
    return absl::InvalidArgumentError(absl::StrCat("unknown mode \"", spec.mode, "\""));
  }
  DNND_ASSIGN_OR_RETURN(const Dims pads, arguments.Int64s(1));
  Dims all(rank);
  std::iota(all.begin(), all.end(), 0);
  DNND_ASSIGN_OR_RETURN(const Dims named, arguments.Int64sOr(3, all));
  DNND_ASSIGN_OR_RETURN(const std::vector<int> axes, NormalizeAxes(named, rank));
  if (pads.size() != 2 * axes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", pads.size(), " pads for ", axes.size(), " axes, wanted two an axis"));
  }
  for (int64_t pad : pads) {
    if (pad < -kMaxTensorBytes || pad > kMaxTensorBytes) {  // sums below must not overflow
      return absl::InvalidArgumentError(absl::StrCat("a pad is ", pad));
    }
  }
  spec.before.assign(rank, 0);
  spec.after.assign(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    spec.before[axes[i]] = pads[i];
    spec.after[axes[i]] = pads[axes.size() + i];
  }
  return spec;
}

absl::Status InferPad(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const PadSpec spec, ReadPads(OpArguments(context)));
  const Shape& input = context.input_shape(0);
  Dims dims;
  for (int axis = 0; axis < input.rank(); ++axis) {
    const int64_t extent = input[axis] + spec.before[axis] + spec.after[axis];
    if (extent < 0) {
      return absl::InvalidArgumentError(absl::StrCat("pads ", spec.before[axis], " and ",
                                                     spec.after[axis], " of axis ", axis,
                                                     " do not fit the shape ", input.ToString()));
    }
    if (spec.mode != "constant" && input[axis] == 0 && extent > 0) {
      return absl::InvalidArgumentError("an empty axis has no elements to pad with");
    }
    dims.push_back(extent);
  }
  if (context.has_input(2) && (context.input(2).type != context.input(0).type ||
                               context.input_shape(2).num_elements() != 1)) {
    return absl::InvalidArgumentError(absl::StrCat("the fill value is ",
                                                   context.input(2).ToString(), ", the data ",
                                                   context.input(0).ToString()));
  }
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

// The run that begins at output position `target`, which is position `x` of the input prolonged on
// both sides.
Segment SegmentAt(const std::string& mode, int64_t extent, int64_t x) {
  constexpr int64_t kForever = INT64_MAX;
  Segment segment;
  if (x >= 0 && x < extent) {
    segment.source = x;
    segment.step = 1;
    segment.count = extent - x;
  } else if (mode == "constant") {
    segment.fill = true;
    segment.count = x < 0 ? -x : kForever;
  } else if (mode == "edge" || extent == 1) {
    segment.source = x < 0 ? 0 : extent - 1;
    segment.count = x < 0 ? -x : kForever;
  } else if (mode == "wrap") {
    segment.source = ((x % extent) + extent) % extent;
    segment.step = 1;
    segment.count = extent - segment.source;
  } else {  // reflect, without repeating the edge: up and down with this period
    const int64_t period = 2 * (extent - 1);
    const int64_t phase = ((x % period) + period) % period;
    const bool up = phase < extent - 1;
    segment.source = up ? phase : period - phase;
    segment.step = up ? 1 : -1;
    segment.count = up ? extent - 1 - phase : period - phase;
  }
  return segment;
}

absl::StatusOr<std::vector<Segment>> SegmentsOf(const PadSpec& spec, int axis, int64_t extent) {
  const int64_t padded = extent + spec.before[axis] + spec.after[axis];
  std::vector<Segment> segments;
  for (int64_t target = 0; target < padded;) {
    if (segments.size() >= kMaxMoves) {
      return absl::UnimplementedError(absl::StrCat("axis ", axis, " is padded from ", extent,
                                                   " to ", padded, " by repetition"));
    }
    Segment segment = SegmentAt(spec.mode, extent, target - spec.before[axis]);
    segment.target = target;
    segment.count = std::min(segment.count, padded - target);
    segments.push_back(segment);
    target += segment.count;
  }
  return segments;
}

// Extends every move of `moves` by `axis`; a move that fills takes the whole axis at once.
absl::StatusOr<std::vector<Move>> CrossAxis(const std::vector<Move>& moves, int fill_input,
                                            const std::vector<Segment>& segments, int axis,
                                            const Placement& placement) {
  const int64_t source_stride = placement.inputs[0][axis];
  const int64_t target_stride = placement.outputs[0][axis];
  std::vector<Move> crossed;
  for (const Move& move : moves) {
    if (move.input != 0) {
      Move whole = move;
      whole.extents.push_back(placement.output_shapes[0][axis]);
      whole.source_strides.push_back(0);
      whole.target_strides.push_back(target_stride);
      crossed.push_back(std::move(whole));
      continue;
    }
    for (const Segment& segment : segments) {
      Move part = move;
      part.extents.push_back(segment.count);
      part.target_offset += segment.target * target_stride;
      part.target_strides.push_back(target_stride);
      part.source_offset += segment.source * source_stride;
      part.source_strides.push_back(segment.step * source_stride);
      if (segment.fill) {
        part.input = fill_input;
        part.source_offset = 0;
        part.source_strides.assign(part.extents.size(), 0);
      }
      crossed.push_back(std::move(part));
    }
    if (crossed.size() > kMaxMoves) {
      return absl::UnimplementedError("the margins repeat the tensor too many times");
    }
  }
  return crossed;
}

absl::StatusOr<std::vector<Move>> PlanPad(const OpArguments& arguments,
                                          const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const PadSpec spec, ReadPads(arguments));
  const Shape& input = arguments.input_shape(0);
  const int fill_input = arguments.has_input(2) ? 2 : Move::kZeros;
  std::vector<Move> moves(1);
  for (int axis = 0; axis < input.rank(); ++axis) {
    DNND_ASSIGN_OR_RETURN(const std::vector<Segment> segments, SegmentsOf(spec, axis, input[axis]));
    DNND_ASSIGN_OR_RETURN(moves, CrossAxis(moves, fill_input, segments, axis, placement));
  }
  return moves;
}

absl::Status RunPad(const ReferenceContext& context) { return ReferenceMoves(context, PlanPad); }

std::vector<Candidate> PadCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompilePad(const CompileContext& context,
                                                   const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanPad);
}

absl::StatusOr<RowAxis> RowsOfPad(const RowsContext& context) {
  if (!context.rows(0).has_value()) {
    return absl::UnimplementedError("its margins come from the rows");
  }
  const RowAxis rows = *context.rows(0);
  DNND_ASSIGN_OR_RETURN(const PadSpec spec, ReadPads(OpArguments(context)));
  if (spec.before[rows.axis] != 0 || spec.after[rows.axis] != 0) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckShared(2));
  return rows;
}

}  // namespace

extern const OpDef kPad = {.type = "Pad",
                           .min_inputs = 2,
                           .max_inputs = 4,
                           .infer = InferPad,
                           .reference = RunPad,
                           .candidates = PadCandidates,
                           .compile = CompilePad,
                           .rows = RowsOfPad};

}  // namespace dnnd::engine
