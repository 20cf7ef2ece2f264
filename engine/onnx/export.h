// From a graph to an ONNX file.
#ifndef DNND_ENGINE_ONNX_EXPORT_H_
#define DNND_ENGINE_ONNX_EXPORT_H_

#include <string>

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// The opset of the files that are written: the newest that the tools of Debian 12 read.
inline constexpr int kExportOpset = 17;

// Writes `graph` as an ONNX model, replacing a file of that name at once or not at all. Constants
// that a node or an output uses become initializers; they are written one after the other, so that
// no more than one that is stored elsewhere is in memory. ImportModel of the file gives an equal
// graph.
//
// REQUIRES: the graph is as imported or built (no post-ops). UNIMPLEMENTED naming a node that opset
// 17 cannot express, or when the file would be larger than protobuf's limit of 2 GiB; errors of
// writing as AtomicFile has them.
absl::Status ExportModel(const Graph& graph, const std::string& path);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_EXPORT_H_
