// NodeProto's attributes as ours, with their types checked by name.
#ifndef DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_
#define DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/ir/attributes.h"
#include "engine/onnx/tensor_reader.h"
#include "engine/onnx/wire_scanner.h"

namespace onnx {
class NodeProto;
}

namespace dnnd::engine {

// A node and what it takes to read its tensors. `index` is the node's in graph.node.
struct NodeSource {
  const onnx::NodeProto& node;
  int index;
  const ModelSkeleton& skeleton;
  TensorReader& reader;
};

// INVALID_ARGUMENT for an attribute that stands twice or has another type than ONNX gives its name;
// UNIMPLEMENTED for subgraphs, sparse tensors and the like.
absl::StatusOr<Attributes> ReadAttributes(const NodeSource& source);

// The tensor that a node of operator Constant stands for (value, value_int, value_floats, …).
absl::StatusOr<Constant> ReadConstantNode(const NodeSource& source);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_ATTRIBUTE_READER_H_
