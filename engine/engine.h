// The façade: from the bytes of an ONNX model to one that runs.
#ifndef DNND_ENGINE_ENGINE_H_
#define DNND_ENGINE_ENGINE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/byte_source.h"
#include "engine/exec/lane_group.h"
#include "engine/exec/model.h"
#include "engine/exec/openmp.h"

namespace dnnd::engine {

// Imports an ONNX file (external data only from beside it) and makes it a model. Nothing is
// compiled yet: Model::Prepare does. Errors: those of reading, importing (engine/onnx/import.h) and
// Model::Create.
absl::StatusOr<std::shared_ptr<Model>> LoadModelFile(const std::string& path,
                                                     const Model::Options& options = {});

// The same from bytes; external data are refused.
absl::StatusOr<std::shared_ptr<Model>> LoadModel(std::shared_ptr<const ByteSource> source,
                                                 const Model::Options& options = {});

// oneDNN's version and the instruction set that it found, for build information: "2.6.3",
// "avx512_core_vnni".
std::string OneDnnVersion();
std::string InstructionSet();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ENGINE_H_
