// What a model declares of its inputs, outputs and intermediate values.
#ifndef DNND_ENGINE_ONNX_VALUE_INFO_H_
#define DNND_ENGINE_ONNX_VALUE_INFO_H_

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace onnx {
class ValueInfoProto;
}

namespace dnnd::engine {

// Takes the element type and the shape from `info`, as far as it has them; a constant keeps its
// own. UNIMPLEMENTED for what is no tensor, or has an element type that the engine does not have;
// INVALID_ARGUMENT for a rank or a type that cannot be.
absl::Status ReadValueInfo(const onnx::ValueInfoProto& info, Value& value);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_VALUE_INFO_H_
