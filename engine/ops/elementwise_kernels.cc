#include "engine/ops/elementwise_kernels.h"

#include <algorithm>
#include <string>

namespace dnnd::engine {
namespace {

constexpr int64_t kBlock = 16;

// The layouts that a result of this shape may have, best first.
std::vector<Layout> LayoutsOf(const Shape& shape) {
  if (shape.rank() < 3 || shape.rank() > 5) {
    return {Layout::kRowMajor};
  }
  if (shape[1] % kBlock != 0) {
    return {Layout::kChannelsLast, Layout::kRowMajor};
  }
  return {Layout::kChannelsLast, Layout::kChannelsBlocked16, Layout::kRowMajor};
}

bool IsFloat32(const CompileContext& context) {
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (context.has_input(i) && context.input(i).type != DataType::kFloat32) {
      return false;
    }
  }
  return context.output(0).type == DataType::kFloat32 && context.output_shape(0).num_elements() > 0;
}

Shape WithRank(const Shape& shape, int rank) {
  Dims dims(rank - shape.rank(), 1);
  dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  return Shape(dims);
}

// Whether a row-major operand may stand beside results in `layout` without being moved.
bool StaysInPlace(const Shape& shape, int rank, Layout layout) {
  return shape.num_elements() == 1 ||
         SamePlacement(WithRank(shape, rank), Layout::kRowMajor, layout);
}

// In blocked channels an operand either has all of them, in whole blocks, or one for all.
bool FitsBlocks(const Shape& shape, int rank) {
  const Shape full = WithRank(shape, rank);
  return full[1] % kBlock == 0 || full.num_elements() == 1;
}

// The layout in which input `i` serves a result in `layout`; none when it does not.
std::optional<Layout> OperandLayout(const CompileContext& context, int i, Layout layout) {
  const int rank = context.output_shape(0).rank();
  const Shape& shape = context.input_shape(i);
  if (layout == Layout::kChannelsBlocked16 && !FitsBlocks(shape, rank)) {
    return std::nullopt;
  }
  if (layout == Layout::kRowMajor || StaysInPlace(shape, rank, layout)) {
    return Layout::kRowMajor;
  }
  if (context.is_constant(i) || shape.rank() != rank) {
    return std::nullopt;
  }
  return layout;
}

}  // namespace

std::vector<Candidate> FlatCandidates(const CompileContext& context) {
  std::vector<Candidate> candidates;
  if (!IsFloat32(context)) {
    return candidates;
  }
  for (const Layout layout : LayoutsOf(context.output_shape(0))) {
    Candidate candidate{std::string(LayoutName(layout)), {layout}, {layout}};
    candidate.inputs.resize(context.num_inputs(), Layout::kRowMajor);
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::vector<Candidate> BroadcastCandidates(const CompileContext& context) {
  std::vector<Candidate> candidates;
  if (!IsFloat32(context)) {
    return candidates;
  }
  for (const Layout layout : LayoutsOf(context.output_shape(0))) {
    Candidate candidate{std::string(LayoutName(layout)), {}, {layout}};
    for (int i = 0; i < context.num_inputs(); ++i) {
      const std::optional<Layout> operand = OperandLayout(context, i, layout);
      if (operand.has_value()) {
        candidate.inputs.push_back(*operand);
      }
    }
    if (static_cast<int>(candidate.inputs.size()) == context.num_inputs()) {
      candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

Shape StoredShape(const Shape& shape, int rank, Layout layout) {
  Shape full = WithRank(shape, rank);
  if (layout == Layout::kRowMajor) {
    return full;
  }
  Dims dims = {full[0]};
  if (layout == Layout::kChannelsBlocked16) {
    dims.push_back(std::max<int64_t>(full[1] / kBlock, 1));
  }
  dims.insert(dims.end(), full.dims().begin() + 2, full.dims().end());
  dims.push_back(layout == Layout::kChannelsLast ? full[1] : std::min(full[1], kBlock));
  return Shape(dims);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileEltwise(const CompileContext& context,
                                                       onednn::EltwiseFunction function,
                                                       float alpha, float beta) {
  return onednn::MakeEltwise(function, alpha, beta, context.output_shape(0).num_elements());
}

FoldPlan PlanFold(const CompileContext& context, const Candidate& candidate) {
  const Layout layout = candidate.outputs[0];
  const int rank = context.output_shape(0).rank();
  const Shape y = StoredShape(context.output_shape(0), rank, layout);
  FoldPlan plan;
  Shape left = StoredShape(context.input_shape(0), rank, layout);
  plan.can_work_in_place = context.num_inputs() == 2 && left == y;
  for (int i = 1; i < context.num_inputs(); ++i) {
    const Shape right = StoredShape(context.input_shape(i), rank, layout);
    plan.walks.emplace_back(y, std::array<const Shape*, 2>{&left, &right});
    left = y;
  }
  return plan;
}

}  // namespace dnnd::engine
