// Tensors to TensorProto; the other direction is tensor_reader.h.
#ifndef DNND_ENGINE_ONNX_TENSOR_WRITER_H_
#define DNND_ENGINE_ONNX_TENSOR_WRITER_H_

#include "absl/strings/string_view.h"
#include "engine/tensor/tensor_view.h"

namespace onnx {
class TensorProto;
}

namespace dnnd::engine {

// Name, element type and extents: all but the elements.
void WriteTensorHeader(absl::string_view name, const TensorType& type, onnx::TensorProto& proto);

// The elements: string_data for strings, else raw_data. REQUIRES: the header is written.
void WriteTensorElements(const TensorView& tensor, onnx::TensorProto& proto);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_TENSOR_WRITER_H_
