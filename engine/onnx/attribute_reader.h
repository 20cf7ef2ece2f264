// NodeProto's attributes as ours, with their types checked by name.
#ifndef DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_
#define DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/ir/attributes.h"
#include "engine/onnx/tensor_reader.h"
#include "engine/onnx/wire_scanner.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace dnnd::engine {

// A node and what it takes to read its tensors. `index` is the node's in graph.node.
struct NodeSource {
  const onnx::NodeProto& node;
  int index;
  const ModelSkeleton& skeleton;
  TensorReader& reader;
};

// All but the graphs of If and Loop: those are for who knows the names around the node.
// INVALID_ARGUMENT for an attribute that stands twice or has another type than ONNX gives its name;
// UNIMPLEMENTED for the subgraphs of other operators, sparse tensors and the like.
absl::StatusOr<Attributes> ReadAttributes(const NodeSource& source);

// The graph of that name ("then_branch", "else_branch" of an If, "body" of a Loop), or null when
// the node has none. REQUIRES: ReadAttributes took the node.
onnx::GraphProto* FindSubgraph(onnx::NodeProto& node, absl::string_view name);

// The tensor that a node of operator Constant stands for (value, value_int, value_floats, …).
absl::StatusOr<Constant> ReadConstantNode(const NodeSource& source);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_
