// One node of a graph as NodeProto of opset 17.
#ifndef DNND_ENGINE_ONNX_EXPORT_NODE_H_
#define DNND_ENGINE_ONNX_EXPORT_NODE_H_

#include <vector>

#include "absl/status/status.h"
#include "engine/onnx/export_scope.h"

namespace onnx {
class GraphProto;
}

namespace dnnd::engine {

// Appends the node of `scope`'s graph (or, for a form that opset 17 needs several operators for,
// those) to `proto`, with its branches. UNIMPLEMENTED when opset 17 cannot express it.
absl::Status ExportNode(const ExportScope& scope, const Node& node, onnx::GraphProto& proto);

// The values that the node reads in the file, in its branches too: the others are attributes in
// opset 17.
std::vector<ValueId> ExportedInputs(const Graph& graph, const Node& node);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_EXPORT_NODE_H_
