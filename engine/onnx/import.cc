#include "engine/onnx/import.h"

#include <onnx/onnx_pb.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/graph_importer.h"
#include "engine/onnx/normalize.h"
#include "engine/onnx/wire_scanner.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<int> ReadOpset(const onnx::ModelProto& model) {
  std::optional<int64_t> opset;
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    if (IsDefaultDomain(import.domain())) {
      opset = import.version();
    }
  }
  if (!opset.has_value() && model.opset_import_size() > 0) {
    return absl::UnimplementedError(absl::StrCat("the model imports the domain \"",
                                                 model.opset_import(0).domain(),
                                                 "\" and not ai.onnx, which is not supported"));
  }
  if (!opset.has_value()) {
    // ONNX: models of IR versions 1 and 2 use opset 1.
    if (model.ir_version() > 2) {
      return absl::InvalidArgumentError("not an ONNX model: it imports no opset of ai.onnx");
    }
    opset = 1;
  }
  if (*opset < kMinOpset || *opset > kMaxOpset) {
    return absl::UnimplementedError(absl::StrCat("the model is of opset ", *opset,
                                                 ", supported are ", kMinOpset, " to ", kMaxOpset));
  }
  return static_cast<int>(*opset);
}

// The nodes of `graph` and of those inside it.
absl::StatusOr<int64_t> CountNodes(const onnx::GraphProto& graph, int depth) {
  if (depth > kMaxNesting) {
    return absl::InvalidArgumentError(absl::StrCat("graph \"", graph.name(), "\" lies in ",
                                                   depth - 1, " others, wanted at most ",
                                                   kMaxNesting - 1));
  }
  int64_t count = graph.node_size();
  for (const onnx::NodeProto& node : graph.node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) {
        DNND_ASSIGN_OR_RETURN(const int64_t inside, CountNodes(attribute.g(), depth + 1));
        count += inside;
      }
    }
  }
  return count;
}

absl::Status CheckModel(const onnx::ModelProto& model, const ImportOptions& options) {
  if (!model.has_graph()) {
    return absl::InvalidArgumentError("not an ONNX model: it has no graph");
  }
  DNND_ASSIGN_OR_RETURN(const int64_t nodes, CountNodes(model.graph(), 1));
  if (nodes > options.max_nodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", nodes, " nodes, wanted at most ", options.max_nodes));
  }
  if (model.functions_size() > 0) {
    return absl::UnimplementedError(absl::StrCat("functions are not supported: the model has ",
                                                 model.functions_size(), ", the first is \"",
                                                 model.functions(0).name(), "\""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Graph> ImportModel(std::shared_ptr<const ByteSource> source,
                                  const ImportOptions& options) {
  DNND_ASSIGN_OR_RETURN(ModelSkeleton skeleton, ScanModel(*source));
  onnx::ModelProto model;
  if (!model.ParseFromString(std::exchange(skeleton.bytes, std::string()))) {
    return absl::InvalidArgumentError("not an ONNX model: protobuf cannot parse it");
  }
  DNND_RETURN_IF_ERROR(CheckModel(model, options));
  DNND_ASSIGN_OR_RETURN(const int opset, ReadOpset(model));
  TensorReader reader(std::move(source), options.directory);
  DNND_ASSIGN_OR_RETURN(Graph graph, ImportGraph(*model.mutable_graph(), opset, skeleton, reader));
  DNND_RETURN_IF_ERROR(NormalizeOperators(graph, opset));
  DNND_RETURN_IF_ERROR(VerifyGraph(graph));
  return graph;
}

absl::StatusOr<Graph> ImportModelFile(const std::string& path) {
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const ByteSource> source, OpenFile(path));
  ImportOptions options;
  const size_t slash = path.rfind('/');
  options.directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  absl::StatusOr<Graph> graph = ImportModel(std::move(source), options);
  if (!graph.ok()) {
    return Annotate(graph.status(), path);
  }
  return graph;
}

}  // namespace dnnd::engine
