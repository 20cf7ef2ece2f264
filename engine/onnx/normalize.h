// One form per operator, whatever the opset: what older opsets wrote differently is rewritten.
#ifndef DNND_ENGINE_ONNX_NORMALIZE_H_
#define DNND_ENGINE_ONNX_NORMALIZE_H_

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// The forms are those of opset 21, and:
//  - what became an input is one: Clip min and max, Pad pads and value, Slice starts, ends and
//  axes,
//    Split split, Squeeze, Unsqueeze and the reductions axes, TopK k, Reshape shape;
//  - Upsample is a Resize with coordinate_transformation_mode "asymmetric" and nearest_mode
//  "floor",
//    and so is Resize of opset 10; arguments of Resize without elements are absent;
//  - Softmax, LogSoftmax and Hardmax below opset 13 have axis (default 1) and coerce_2d = 1;
//  - Cast's `to` is the number of our DataType;
//  - operands that opsets below 7 aligned by `axis` are unsqueezed instead;
//  - Dropout has one input and one output; a mask that is read is a ConstantOfShape;
//  - BatchNormalization has one output.
// The branches of an If are rewritten likewise.
//
// REQUIRES: nodes in topological order. UNIMPLEMENTED naming all nodes (up to a few) whose old form
// is not covered, INVALID_ARGUMENT for one that contradicts itself.
absl::Status NormalizeOperators(Graph& graph, int opset);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_NORMALIZE_H_
