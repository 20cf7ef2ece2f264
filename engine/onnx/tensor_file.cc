#include "engine/onnx/tensor_file.h"

#include <onnx/onnx_pb.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"
#include "engine/base/status.h"
#include "engine/onnx/tensor_reader.h"
#include "engine/onnx/tensor_writer.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<NamedTensor> ParseTensor(const std::string& bytes) {
  onnx::TensorProto proto;
  if (!proto.ParseFromString(bytes) || !proto.has_data_type()) {
    return absl::InvalidArgumentError("not a serialized tensor");
  }
  DNND_ASSIGN_OR_RETURN(const Constant constant, TensorReader(nullptr, "").Read(proto));
  DNND_ASSIGN_OR_RETURN(Tensor tensor, constant.Materialize());
  return NamedTensor{proto.name(), std::move(tensor)};
}

}  // namespace

absl::StatusOr<NamedTensor> ReadTensorFile(const std::string& path) {
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const ByteSource> source, OpenFile(path));
  std::string bytes(source->size(), '\0');
  DNND_RETURN_IF_ERROR(Annotate(source->Read(0, source->size(), bytes.data()), path));
  absl::StatusOr<NamedTensor> tensor = ParseTensor(bytes);
  if (!tensor.ok()) {
    return Annotate(tensor.status(), path);
  }
  return tensor;
}

absl::Status WriteTensorFile(const std::string& path, absl::string_view name,
                             const TensorView& tensor) {
  onnx::TensorProto proto;
  WriteTensorHeader(name, tensor.tensor_type(), proto);
  WriteTensorElements(tensor, proto);
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  DNND_RETURN_IF_ERROR(file->Write(proto.SerializeAsString()));
  return file->Commit();
}

}  // namespace dnnd::engine
