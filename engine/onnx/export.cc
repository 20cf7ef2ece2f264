#include "engine/onnx/export.h"

#include <onnx/onnx_pb.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/atomic_file.h"
#include "engine/base/status.h"
#include "engine/onnx/export_graph.h"
#include "engine/onnx/export_scope.h"
#include "engine/onnx/tensor_writer.h"
#include "engine/onnx/wire_format.h"

namespace dnnd::engine {
namespace {

// IR version 8 goes with opset 17.
constexpr int kIrVersion = 8;

// Tags of length-delimited fields: field number, wire type 2.
constexpr char kModelGraphTag = (7 << 3) | 2;
constexpr char kGraphInitializerTag = (5 << 3) | 2;
constexpr char kTensorRawDataTag = (9 << 3) | 2;

constexpr int64_t kMaxModelBytes = INT32_MAX;

// A constant as it stands in the file: the message up to the elements, then those.
struct Initializer {
  std::string header;
  const Constant* elements;  // null: they are in the header

  int64_t payload_bytes() const { return elements == nullptr ? 0 : elements->type().num_bytes(); }
  int64_t bytes() const { return static_cast<int64_t>(header.size()) + payload_bytes(); }
};

absl::StatusOr<Initializer> PrepareInitializer(const Value& value) {
  onnx::TensorProto proto;
  const Constant& constant = *value.constant;
  WriteTensorHeader(value.name, constant.type(), proto);
  if (constant.type().type == DataType::kString) {
    DNND_ASSIGN_OR_RETURN(const Tensor tensor, constant.Materialize());
    WriteTensorElements(tensor.view(), proto);
    return Initializer{proto.SerializeAsString(), nullptr};
  }
  return Initializer{absl::StrCat(proto.SerializeAsString(), std::string(1, kTensorRawDataTag),
                                  EncodeVarint(constant.type().num_bytes())),
                     &constant};
}

absl::StatusOr<std::vector<Initializer>> PrepareInitializers(const Graph& graph) {
  std::vector<Initializer> initializers;
  for (const ValueId id : ExportedConstants(graph)) {
    DNND_ASSIGN_OR_RETURN(Initializer initializer, PrepareInitializer(graph.value(id)));
    initializers.push_back(std::move(initializer));
  }
  return initializers;
}

absl::Status WriteInitializer(const Initializer& initializer, AtomicFile& file) {
  DNND_RETURN_IF_ERROR(
      file.Write(absl::StrCat(std::string(1, kGraphInitializerTag),
                              EncodeVarint(initializer.bytes()), initializer.header)));
  if (initializer.elements == nullptr) {
    return absl::OkStatus();
  }
  DNND_ASSIGN_OR_RETURN(const Tensor tensor, initializer.elements->Materialize());
  return file.Write(absl::string_view(tensor.data<char>(), initializer.payload_bytes()));
}

std::string ModelHeader() {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("dnnd");
  model.add_opset_import()->set_version(kExportOpset);
  return model.SerializeAsString();
}

}  // namespace

absl::Status ExportModel(const Graph& graph, const std::string& path) {
  onnx::GraphProto proto;
  DNND_RETURN_IF_ERROR(ExportGraph(ExportScope(graph), proto));
  DNND_ASSIGN_OR_RETURN(const std::vector<Initializer> initializers, PrepareInitializers(graph));
  int64_t graph_bytes = static_cast<int64_t>(proto.ByteSizeLong());
  for (const Initializer& initializer : initializers) {
    graph_bytes += 1 + EncodeVarint(initializer.bytes()).size() + initializer.bytes();
  }
  const std::string header =
      absl::StrCat(ModelHeader(), std::string(1, kModelGraphTag), EncodeVarint(graph_bytes));
  if (graph_bytes > kMaxModelBytes - static_cast<int64_t>(header.size())) {
    return absl::UnimplementedError(absl::StrCat(
        "the model takes ", graph_bytes, " bytes, an ONNX file holds at most ", kMaxModelBytes));
  }
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  DNND_RETURN_IF_ERROR(file->Write(header));
  DNND_RETURN_IF_ERROR(file->Write(proto.SerializeAsString()));
  for (const Initializer& initializer : initializers) {
    DNND_RETURN_IF_ERROR(WriteInitializer(initializer, *file));
  }
  return file->Commit();
}

}  // namespace dnnd::engine
