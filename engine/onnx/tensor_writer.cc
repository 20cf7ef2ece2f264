#include "engine/onnx/tensor_writer.h"

#include <onnx/onnx_pb.h>

#include <string>

#include "engine/onnx/element_type.h"

namespace dnnd::engine {

void WriteTensorHeader(absl::string_view name, const TensorType& type, onnx::TensorProto& proto) {
  proto.set_name(std::string(name));
  proto.set_data_type(ToOnnxType(type.type));
  for (const int64_t dim : type.shape.dims()) {
    proto.add_dims(dim);
  }
}

void WriteTensorElements(const TensorView& tensor, onnx::TensorProto& proto) {
  if (tensor.type() == DataType::kString) {
    for (int64_t i = 0; i < tensor.num_elements(); ++i) {
      proto.add_string_data(tensor.data<std::string>()[i]);
    }
    return;
  }
  proto.set_raw_data(tensor.raw(), tensor.num_bytes());
}

}  // namespace dnnd::engine
