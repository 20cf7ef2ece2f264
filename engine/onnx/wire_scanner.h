// Reads an ONNX file without its weights: protobuf's own parser would hold every one of them in
// memory.
#ifndef DNND_ENGINE_ONNX_WIRE_SCANNER_H_
#define DNND_ENGINE_ONNX_WIRE_SCANNER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "engine/base/byte_source.h"

namespace dnnd::engine {

// Payloads (TensorProto.raw_data) up to this size stay in the skeleton.
inline constexpr int64_t kSmallPayloadBytes = 4096;

// Where the elements of a tensor lie in the file. The range is inside the file.
struct Payload {
  int64_t offset = 0;
  int64_t bytes = 0;
};

struct ModelSkeleton {
  // A serialized ModelProto in which the tensors named below have no raw_data (or one that is void:
  // the payload counts).
  std::string bytes;
  // By index in graph.initializer.
  absl::flat_hash_map<int, Payload> initializers;
  // By index in graph.node and index in node.attribute: the attribute's tensor.
  absl::flat_hash_map<std::pair<int, int>, Payload> attributes;
};

// Walks the wire format of a ModelProto in small reads. INVALID_ARGUMENT naming the place where the
// bytes are not a protobuf message; errors of `source` as they are. Whether the skeleton is a
// ModelProto is for protobuf's parser to say.
absl::StatusOr<ModelSkeleton> ScanModel(const ByteSource& source);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_WIRE_SCANNER_H_
