#include "engine/ops/mover.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/function_kernel.h"

namespace dnnd::engine {

Dims LayoutStrides(const Shape& shape, Layout layout) {
  if (layout == Layout::kRowMajor || shape.rank() < 3) {
    return shape.Strides();
  }
  Dims strides(shape.rank());
  int64_t stride = shape[1];
  for (int axis = shape.rank() - 1; axis >= 2; --axis) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  strides[1] = 1;
  strides[0] = stride;
  return strides;
}

absl::Status ReferenceMoves(const ReferenceContext& context, MovePlanner planner) {
  const OpArguments arguments(context);
  Placement placement;
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  for (int i = 0; i < context.num_inputs(); ++i) {
    placement.inputs.push_back(context.input(i).shape().Strides());
    inputs.push_back(context.input(i).raw());
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    placement.outputs.push_back(context.output(i).shape().Strides());
    placement.output_shapes.push_back(context.output(i).shape());
    outputs.push_back(context.output(i).raw());
  }
  DNND_ASSIGN_OR_RETURN(std::vector<Move> moves, planner(arguments, placement));
  for (Move& move : moves) {
    move = Normalized(std::move(move));
  }
  RunMoves(moves, context.input(0).type(), inputs, outputs);
  return absl::OkStatus();
}

std::vector<Candidate> MoverCandidates(const CompileContext& context, int first_parameter) {
  const int activations = std::min(context.num_inputs(), first_parameter);
  const auto has_channels = [](const Shape& shape) {
    return shape.rank() >= 3 && shape.rank() <= 5;
  };
  bool channels = true;
  for (int i = 0; i < activations; ++i) {
    channels = channels && has_channels(context.input_shape(i));
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    channels = channels && (!context.has_output(i) || has_channels(context.output_shape(i)));
  }
  const auto candidate = [&](Layout layout) {
    Candidate result;
    result.name = std::string(LayoutName(layout));
    result.inputs.assign(context.num_inputs(), Layout::kRowMajor);
    std::fill_n(result.inputs.begin(), activations, layout);
    result.outputs.assign(context.num_outputs(), layout);
    return result;
  };
  std::vector<Candidate> candidates;
  if (channels) {
    candidates.push_back(candidate(Layout::kChannelsLast));
  }
  candidates.push_back(candidate(Layout::kRowMajor));
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileMoves(const CompileContext& context,
                                                     const Candidate& candidate,
                                                     MovePlanner planner) {
  const DataType type = context.input(0).type;
  if (type == DataType::kString) {
    return absl::UnimplementedError("strings are moved by the reference kernel");
  }
  const OpArguments arguments(context);
  Placement placement;
  for (int i = 0; i < context.num_inputs(); ++i) {
    placement.inputs.push_back(
        context.has_input(i) ? LayoutStrides(context.input_shape(i), candidate.inputs[i]) : Dims());
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    const Shape shape = context.has_output(i) ? context.output_shape(i) : Shape();
    placement.outputs.push_back(LayoutStrides(shape, candidate.outputs[i]));
    placement.output_shapes.push_back(shape);
  }
  DNND_ASSIGN_OR_RETURN(std::vector<Move> moves, planner(arguments, placement));
  for (Move& move : moves) {
    move = Normalized(std::move(move));
  }
  FunctionKernelSpec spec;
  spec.implementation = "mover:" + candidate.name;
  spec.run = [moves = std::move(moves), type](const KernelArguments& kernel) {
    RunMoves(moves, type, kernel.inputs, kernel.outputs);
  };
  return MakeFunctionKernel(std::move(spec));
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeLayoutMove(const TensorType& type, Layout from,
                                                       Layout to) {
  const auto has_strides = [](Layout layout) {
    return layout == Layout::kRowMajor || layout == Layout::kChannelsLast;
  };
  if (type.type == DataType::kString || !has_strides(from) || !has_strides(to)) {
    return absl::UnimplementedError(absl::StrCat("no reorder of ", type.ToString(), " from ",
                                                 LayoutName(from), " to ", LayoutName(to)));
  }
  Move move;
  move.extents.assign(type.shape.dims().begin(), type.shape.dims().end());
  move.source_strides = LayoutStrides(type.shape, from);
  move.target_strides = LayoutStrides(type.shape, to);
  FunctionKernelSpec spec;
  spec.implementation = "mover:reorder";
  spec.run = [move = Normalized(std::move(move)), type = type.type](const KernelArguments& kernel) {
    RunMoves({&move, 1}, type, kernel.inputs, kernel.outputs);
  };
  return MakeFunctionKernel(std::move(spec));
}

}  // namespace dnnd::engine
