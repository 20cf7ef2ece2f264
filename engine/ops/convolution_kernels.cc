#include "engine/ops/convolution_kernels.h"

#include <algorithm>
#include <utility>

#include "engine/base/status.h"
#include "engine/onednn/convolution.h"
#include "engine/ops/window.h"

namespace dnnd::engine {
namespace {

// The residual of a fused sum lies in the layout of the result that it becomes.
Candidate InLayout(const CompileContext& context, Layout src, Layout dst) {
  Candidate candidate{std::string(LayoutName(dst)), {src}, {dst}};
  candidate.inputs.resize(context.node().inputs.size(), Layout::kRowMajor);
  for (const PostOp& post_op : context.node().post_ops) {
    if (post_op.kind == PostOp::Kind::kSum) {
      candidate.inputs[post_op.operand] = dst;
    }
  }
  return candidate;
}

bool ServesOneDnn(const CompileContext& context) {
  return context.input(0).type == DataType::kFloat32 && context.is_constant(1) &&
         (!context.has_input(2) || context.is_constant(2)) &&
         context.output_shape(0).num_elements() > 0 && context.input_shape(0).rank() >= 3 &&
         context.input_shape(0).rank() <= 5;
}

onednn::ConvolutionSpec MakeSpec(const CompileContext& context, const Candidate& candidate,
                                 const Window& window) {
  onednn::ConvolutionSpec spec;
  spec.src = context.input(0);
  spec.weights = context.input(1);
  spec.dst = context.output(0);
  spec.has_bias = context.has_input(2);
  spec.groups = context.attributes().Int("group", 1);
  spec.strides = window.strides;
  spec.dilations = window.dilations;
  spec.pads_begin = window.pads_begin;
  spec.src_layout = candidate.inputs[0];
  spec.dst_layout = candidate.outputs[0];
  spec.post_ops = context.node().post_ops;
  return spec;
}

}  // namespace

std::vector<Candidate> ConvCandidates(const CompileContext& context) {
  if (!ServesOneDnn(context)) {
    return {};
  }
  return {InLayout(context, Layout::kChannelsLast, Layout::kChannelsLast),
          InLayout(context, Layout::kChannelsBlocked16, Layout::kChannelsBlocked16),
          InLayout(context, Layout::kRowMajor, Layout::kRowMajor)};
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileConv(const CompileContext& context,
                                                    const Candidate& candidate) {
  DNND_ASSIGN_OR_RETURN(const Window window,
                        ResolveWindow(context.attributes(), SpatialDims(context.input_shape(0)),
                                      SpatialDims(context.input_shape(1)), /*ceil_mode=*/false));
  onednn::ConvolutionSpec spec = MakeSpec(context, candidate, window);
  for (int axis = 0; axis < window.rank(); ++axis) {
    spec.pads_end.push_back(window.exact_pad_end(axis));
  }
  return onednn::MakeConvolution(spec);
}

// Sums and activations in any order that keeps at most one of each: longer chains leave oneDNN's
// optimised ones.
bool ConvAcceptsPostOp(const Node& node, PostOp::Kind kind) {
  const bool is_sum = kind == PostOp::Kind::kSum;
  return std::none_of(node.post_ops.begin(), node.post_ops.end(), [&](const PostOp& post_op) {
    return (post_op.kind == PostOp::Kind::kSum) == is_sum;
  });
}

std::vector<Candidate> ConvTransposeCandidates(const CompileContext& context) {
  return ConvCandidates(context);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileConvTranspose(const CompileContext& context,
                                                             const Candidate& candidate) {
  DNND_ASSIGN_OR_RETURN(
      const Window window,
      ResolveTransposedWindow(context.attributes(), SpatialDims(context.input_shape(0)),
                              SpatialDims(context.input_shape(1))));
  onednn::ConvolutionSpec spec = MakeSpec(context, candidate, window);
  for (int axis = 0; axis < window.rank(); ++axis) {
    // The pad that makes the transpose's own extents meet: output_padding only lengthens the output
    // at its end.
    spec.pads_end.push_back((window.input[axis] - 1) * window.strides[axis] + window.span(axis) -
                            window.output[axis] - window.pads_begin[axis]);
  }
  return onednn::MakeDeconvolution(spec);
}

}  // namespace dnnd::engine
