#include "engine/onnx/tensor_reader.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/element_type.h"

namespace dnnd::engine {
namespace {

// Stored elements are used as they lie in the file.
static_assert(std::endian::native == std::endian::little);

// Each holds a file descriptor for as long as the model lives.
constexpr size_t kMaxExternalFiles = 64;

absl::StatusOr<TensorType> ReadType(const onnx::TensorProto& proto) {
  if (proto.has_segment()) {
    return absl::UnimplementedError("tensors in segments are not supported");
  }
  TensorType type;
  DNND_ASSIGN_OR_RETURN(type.type, FromOnnxType(proto.data_type()));
  DNND_ASSIGN_OR_RETURN(type.shape, Shape::Create(absl::MakeConstSpan(proto.dims())));
  if (type.shape.num_elements() > kMaxTensorBytes / ElementSize(type.type)) {
    return absl::InvalidArgumentError(
        absl::StrCat(type.ToString(), " is larger than ", kMaxTensorBytes, " bytes"));
  }
  return type;
}

absl::Status CheckCount(absl::string_view what, int64_t got, int64_t wanted) {
  if (got != wanted) {
    return absl::InvalidArgumentError(absl::StrCat("got ", got, " ", what, ", wanted ", wanted));
  }
  return absl::OkStatus();
}

// A byte of a bool may be anything in a file; in C++ it may not.
void NormalizeBools(Tensor& tensor) {
  if (tensor.type() == DataType::kBool) {
    auto* bytes = tensor.mutable_data<uint8_t>();
    std::transform(bytes, bytes + tensor.num_elements(), bytes,
                   [](uint8_t byte) { return static_cast<uint8_t>(byte != 0); });
  }
}

template <typename T, typename Field>
absl::StatusOr<Tensor> FromField(const TensorType& type, const Field& field) {
  DNND_RETURN_IF_ERROR(CheckCount("elements", field.size(), type.shape.num_elements()));
  DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type.type, type.shape));
  std::transform(field.begin(), field.end(), tensor.mutable_data<T>(),
                 [](const auto& value) { return static_cast<T>(value); });
  return tensor;
}

absl::StatusOr<Tensor> FromTypedField(const onnx::TensorProto& proto, const TensorType& type) {
  switch (type.type) {
    case DataType::kFloat32:
      return FromField<float>(type, proto.float_data());
    case DataType::kFloat64:
      return FromField<double>(type, proto.double_data());
    case DataType::kFloat16:
    case DataType::kBFloat16:
    case DataType::kUint16:
      return FromField<uint16_t>(type, proto.int32_data());
    case DataType::kInt16:
      return FromField<int16_t>(type, proto.int32_data());
    case DataType::kInt8:
      return FromField<int8_t>(type, proto.int32_data());
    case DataType::kUint8:
      return FromField<uint8_t>(type, proto.int32_data());
    case DataType::kBool:
      return FromField<bool>(type, proto.int32_data());
    case DataType::kInt32:
      return FromField<int32_t>(type, proto.int32_data());
    case DataType::kInt64:
      return FromField<int64_t>(type, proto.int64_data());
    case DataType::kUint32:
      return FromField<uint32_t>(type, proto.uint64_data());
    case DataType::kUint64:
      return FromField<uint64_t>(type, proto.uint64_data());
    case DataType::kString:
      return FromField<std::string>(type, proto.string_data());
    case DataType::kUndefined:
      break;
  }
  return absl::InvalidArgumentError("a tensor has no element type");
}

absl::StatusOr<Tensor> FromRaw(const std::string& raw, const TensorType& type) {
  DNND_RETURN_IF_ERROR(CheckCount("bytes of raw_data", raw.size(), type.num_bytes()));
  DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type.type, type.shape));
  if (!raw.empty()) {
    std::memcpy(tensor.mutable_data<void>(), raw.data(), raw.size());
  }
  NormalizeBools(tensor);
  return tensor;
}

struct ExternalPlace {
  std::string location;
  int64_t offset = 0;
  int64_t length = -1;  // not given
};

absl::StatusOr<ExternalPlace> ReadPlace(const onnx::TensorProto& proto) {
  ExternalPlace place;
  for (const onnx::StringStringEntryProto& entry : proto.external_data()) {
    if (entry.key() == "location") {
      place.location = entry.value();
      continue;
    }
    const bool is_offset = entry.key() == "offset";
    if (!is_offset && entry.key() != "length") {
      continue;  // a checksum, which ONNX leaves optional
    }
    int64_t& number = is_offset ? place.offset : place.length;
    if (!absl::SimpleAtoi(entry.value(), &number) || number < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("external data: ", entry.key(), " is \"", entry.value(), "\""));
    }
  }
  if (place.location.empty()) {
    return absl::InvalidArgumentError("external data have no location");
  }
  return place;
}

}  // namespace

absl::StatusOr<Constant> TensorReader::Read(const onnx::TensorProto& proto,
                                            std::optional<Payload> payload) {
  DNND_ASSIGN_OR_RETURN(const TensorType type, ReadType(proto));
  const bool external = proto.data_location() == onnx::TensorProto::EXTERNAL;
  const bool raw = payload.has_value() || proto.has_raw_data();
  if (type.type == DataType::kString && (external || raw)) {
    return absl::InvalidArgumentError("strings must be stored in string_data");
  }
  if (external) {
    return ReadExternal(proto, type);
  }
  if (payload.has_value()) {
    return ReadStored(type, model_, *payload);
  }
  DNND_ASSIGN_OR_RETURN(Tensor tensor,
                        raw ? FromRaw(proto.raw_data(), type) : FromTypedField(proto, type));
  return Constant(std::move(tensor));
}

absl::StatusOr<Constant> TensorReader::ReadStored(const TensorType& type,
                                                  const std::shared_ptr<const ByteSource>& source,
                                                  const Payload& payload) const {
  DNND_RETURN_IF_ERROR(CheckCount("bytes of data", payload.bytes, type.num_bytes()));
  Constant stored(type, source, payload.offset);
  if (type.type != DataType::kBool && payload.bytes > kSmallPayloadBytes) {
    return stored;
  }
  DNND_ASSIGN_OR_RETURN(Tensor tensor, stored.Materialize());
  NormalizeBools(tensor);
  return Constant(std::move(tensor));
}

absl::StatusOr<Constant> TensorReader::ReadExternal(const onnx::TensorProto& proto,
                                                    const TensorType& type) {
  DNND_ASSIGN_OR_RETURN(const ExternalPlace place, ReadPlace(proto));
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const ByteSource> source, External(place.location));
  const int64_t left = source->size() - std::min(place.offset, source->size());
  const int64_t bytes = type.num_bytes();
  if (bytes > left) {
    return absl::InvalidArgumentError(absl::StrCat("external data \"", place.location, "\" have ",
                                                   left, " bytes from offset ", place.offset,
                                                   ", wanted ", bytes));
  }
  return ReadStored(type, source, Payload{place.offset, place.length < 0 ? bytes : place.length});
}

absl::StatusOr<std::shared_ptr<const ByteSource>> TensorReader::External(const std::string& name) {
  if (const auto found = external_.find(name); found != external_.end()) {
    return found->second;
  }
  if (directory_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("external data \"", name, "\": this model has no folder"));
  }
  if (external_.size() >= kMaxExternalFiles) {
    return absl::InvalidArgumentError(
        absl::StrCat("external data lie in more than ", kMaxExternalFiles, " files"));
  }
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const ByteSource> source,
                        OpenFileBeneath(directory_, name));
  external_.emplace(name, source);
  return source;
}

}  // namespace dnnd::engine
