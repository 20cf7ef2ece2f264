// GraphProto to Graph, operators as the file has them. A step of ImportModel.
#ifndef DNND_ENGINE_ONNX_GRAPH_IMPORTER_H_
#define DNND_ENGINE_ONNX_GRAPH_IMPORTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"
#include "engine/onnx/tensor_reader.h"
#include "engine/onnx/wire_scanner.h"

namespace onnx {
class GraphProto;
}

namespace dnnd::engine {

// "" and "ai.onnx" are one domain.
bool IsDefaultDomain(const std::string& domain);

// Nodes are in topological order, which is that of the file wherever possible. Names in a branch of
// an If mean what the branch defines, else what the graphs around it do, the nearest first; what a
// branch reads of those becomes an input of the node. Elements of `proto`'s initializers are
// dropped as they are read, so that no more than one is held twice. Outcomes as ImportModel has
// them.
absl::StatusOr<Graph> ImportGraph(onnx::GraphProto& proto, int opset, const ModelSkeleton& skeleton,
                                  TensorReader& reader);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_GRAPH_IMPORTER_H_
