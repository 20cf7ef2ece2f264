// A graph as GraphProto of opset 17: a model's, or a branch of one of its nodes.
#ifndef DNND_ENGINE_ONNX_EXPORT_GRAPH_H_
#define DNND_ENGINE_ONNX_EXPORT_GRAPH_H_

#include <vector>

#include "absl/status/status.h"
#include "engine/onnx/export_scope.h"

namespace onnx {
class GraphProto;
}

namespace dnnd::engine {

// All but the initializers, whose elements may be more than memory should hold. UNIMPLEMENTED
// naming a node that opset 17 cannot express.
absl::Status ExportGraph(const ExportScope& scope, onnx::GraphProto& proto);

// The same for a branch, with its initializers: those lie in memory as it is. A branch has no
// inputs in the file.
absl::Status ExportBranch(const ExportScope& scope, onnx::GraphProto& proto);

// The constants that the nodes or the outputs of the graph read in the file: its initializers.
std::vector<ValueId> ExportedConstants(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_EXPORT_GRAPH_H_
