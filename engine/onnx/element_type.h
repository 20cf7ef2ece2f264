// The element types of ONNX (TensorProto.DataType) and ours.
#ifndef DNND_ENGINE_ONNX_ELEMENT_TYPE_H_
#define DNND_ENGINE_ONNX_ELEMENT_TYPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/tensor/data_type.h"

namespace dnnd::engine {

// INVALID_ARGUMENT for a number that ONNX does not have, UNIMPLEMENTED naming one that the engine
// does not have (complex numbers, 4 and 8 bit floats).
absl::StatusOr<DataType> FromOnnxType(int64_t number);

// REQUIRES: type is not kUndefined.
int ToOnnxType(DataType type);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_ELEMENT_TYPE_H_
