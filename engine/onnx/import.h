// From an ONNX model to a graph.
#ifndef DNND_ENGINE_ONNX_IMPORT_H_
#define DNND_ENGINE_ONNX_IMPORT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/byte_source.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Opsets of the domain ai.onnx that are read. Below 7 what the normalisation covers is read, the
// rest is refused by node.
inline constexpr int kMinOpset = 1;
inline constexpr int kMaxOpset = 21;

// Graphs one inside the other, the model's own being the first. Exporters write three or four;
// whatever walks them calls itself, so that the stack bounds it.
inline constexpr int kMaxNesting = 8;

struct ImportOptions {
  // Where external data lie; empty: a model with external data is refused.
  std::string directory;
  int max_nodes = 100'000;  // those of branches too
};

// Reads a model of opsets kMinOpset to kMaxOpset and normalises its operators to the forms that
// engine/onnx/normalize.h lists. Weights above a few kilobytes stay in `source`, which the graph
// keeps alive. Whether the engine has the operators is not looked at here.
//
// In the result, and in the branches of an If likewise: initializers and Constant nodes are
// constants (an initializer that is also listed as an input is no input); nodes are in topological
// order whatever the file's; names of nodes and values are unique and not empty; outputs that
// nothing reads are kNoValue; an extent of an input that the model leaves without number and name
// is named "<input>.<axis>". The inputs of an If are its condition and, in order of first use, all
// that one of its branches reads of the graph around it; those are the inputs of both branches.
//
// INVALID_ARGUMENT when the bytes are not a model or it contradicts itself, UNIMPLEMENTED naming
// all nodes (up to a few) that no version of the engine's forms covers, with operator, opset and
// reason.
absl::StatusOr<Graph> ImportModel(std::shared_ptr<const ByteSource> source,
                                  const ImportOptions& options);

// ImportModel of a file, with external data beside it.
absl::StatusOr<Graph> ImportModelFile(const std::string& path);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_IMPORT_H_
