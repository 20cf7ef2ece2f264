// The one reader of TensorProto: initializers, attributes and test files all come through it.
#ifndef DNND_ENGINE_ONNX_TENSOR_READER_H_
#define DNND_ENGINE_ONNX_TENSOR_READER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/byte_source.h"
#include "engine/ir/constant.h"
#include "engine/onnx/wire_scanner.h"

namespace onnx {
class TensorProto;
}

namespace dnnd::engine {

// Checks everything before it takes memory: extents, their product, that the data are as long as
// the shape says. Every storage form of ONNX is read: raw_data, the typed fields (float16 and
// bfloat16 as bits in int32_data), strings, external files beside the model. Not thread-safe.
class TensorReader {
 public:
  // `model` holds the payloads that ScanModel left out; it may be null when none can be.
  // External files are looked for in `directory`; with an empty one they are refused.
  TensorReader(std::shared_ptr<const ByteSource> model, std::string directory)
      : model_(std::move(model)), directory_(std::move(directory)) {}

  // A constant that stays in its file where it is large, else one in memory. INVALID_ARGUMENT when
  // the tensor contradicts itself, UNIMPLEMENTED for an element type that the engine does not have,
  // NOT_FOUND for a missing external file.
  absl::StatusOr<Constant> Read(const onnx::TensorProto& proto,
                                std::optional<Payload> payload = std::nullopt);

 private:
  absl::StatusOr<Constant> ReadStored(const TensorType& type,
                                      const std::shared_ptr<const ByteSource>& source,
                                      const Payload& payload) const;
  absl::StatusOr<Constant> ReadExternal(const onnx::TensorProto& proto, const TensorType& type);
  absl::StatusOr<std::shared_ptr<const ByteSource>> External(const std::string& name);

  const std::shared_ptr<const ByteSource> model_;
  const std::string directory_;
  std::map<std::string, std::shared_ptr<const ByteSource>> external_;  // open files by name
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_TENSOR_READER_H_
