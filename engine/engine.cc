#include "engine/engine.h"

#include <utility>

#include "engine/base/status.h"
#include "engine/onednn/cache.h"
#include "engine/onednn/version.h"
#include "engine/onnx/import.h"

namespace dnnd::engine {

absl::StatusOr<std::shared_ptr<Model>> LoadModelFile(const std::string& path,
                                                     const Model::Options& options) {
  onednn::SizePrimitiveCache();
  DNND_ASSIGN_OR_RETURN(Graph graph, ImportModelFile(path));
  return Model::Create(std::move(graph), options);
}

absl::StatusOr<std::shared_ptr<Model>> LoadModel(std::shared_ptr<const ByteSource> source,
                                                 const Model::Options& options) {
  onednn::SizePrimitiveCache();
  DNND_ASSIGN_OR_RETURN(Graph graph, ImportModel(std::move(source), ImportOptions{}));
  return Model::Create(std::move(graph), options);
}

std::string OneDnnVersion() { return onednn::Version(); }

std::string InstructionSet() { return onednn::InstructionSet(); }

}  // namespace dnnd::engine
