#include "server/handlers/describe.h"

#include <utility>

#include "engine/exec/model.h"

namespace dnnd::server {

namespace {

using engine::DataType;

constexpr std::pair<DataType, v1::DataType> kDataTypes[] = {
    {DataType::kBool, v1::DATA_TYPE_BOOL},     {DataType::kUint8, v1::DATA_TYPE_UINT8},
    {DataType::kUint16, v1::DATA_TYPE_UINT16}, {DataType::kUint32, v1::DATA_TYPE_UINT32},
    {DataType::kUint64, v1::DATA_TYPE_UINT64}, {DataType::kInt8, v1::DATA_TYPE_INT8},
    {DataType::kInt16, v1::DATA_TYPE_INT16},   {DataType::kInt32, v1::DATA_TYPE_INT32},
    {DataType::kInt64, v1::DATA_TYPE_INT64},   {DataType::kFloat16, v1::DATA_TYPE_FP16},
    {DataType::kFloat32, v1::DATA_TYPE_FP32},  {DataType::kFloat64, v1::DATA_TYPE_FP64},
    {DataType::kBFloat16, v1::DATA_TYPE_BF16}, {DataType::kString, v1::DATA_TYPE_BYTES},
};

v1::ModelVersion::State StateOf(ModelState state) {
  switch (state) {
    case ModelState::kLoading:
      return v1::ModelVersion::LOADING;
    case ModelState::kReady:
      return v1::ModelVersion::READY;
    case ModelState::kUnloading:
      return v1::ModelVersion::UNLOADING;
    case ModelState::kUnavailable:
      return v1::ModelVersion::UNAVAILABLE;
  }
  return v1::ModelVersion::STATE_UNSPECIFIED;
}

v1::TensorSpec DescribeTensor(const engine::TensorSpec& spec) {
  v1::TensorSpec out;
  out.set_name(spec.name);
  out.set_data_type(ToProto(spec.type));
  for (const engine::Dim& dim : spec.shape) {
    if (dim.known()) {
      out.add_shape()->set_size(dim.value);
    } else {
      out.add_shape()->set_symbol(dim.symbol.empty() ? "?" : dim.symbol);
    }
  }
  if (spec.batch_axis.has_value()) {
    out.set_batch_axis(*spec.batch_axis);
  }
  return out;
}

void DescribeServed(const ServedModel& served, v1::ModelVersion& out) {
  out.set_task(served.config.task());
  out.set_precision(served.config.precision());
  *out.mutable_signature() = server::Describe(served.model->signature());
  *out.mutable_config() = served.config;
  for (const std::string& sentence : served.assumed) {
    out.add_assumed(sentence);
  }
  out.set_weights_bytes(served.weight_bytes);
  out.set_arena_bytes(served.arena_bytes);
  out.set_load_duration_ms(absl::ToDoubleMilliseconds(served.load_duration));
  out.set_label_count(static_cast<int>(served.labels.size()));
}

}  // namespace

v1::DataType ToProto(engine::DataType type) {
  for (const auto& [ours, theirs] : kDataTypes) {
    if (ours == type) {
      return theirs;
    }
  }
  return v1::DATA_TYPE_UNSPECIFIED;
}

engine::DataType FromProto(v1::DataType type) {
  for (const auto& [ours, theirs] : kDataTypes) {
    if (theirs == type) {
      return ours;
    }
  }
  return DataType::kUndefined;
}

v1::ModelSignature Describe(const engine::Signature& signature) {
  v1::ModelSignature out;
  for (const engine::TensorSpec& input : signature.inputs) {
    *out.add_inputs() = DescribeTensor(input);
  }
  for (const engine::TensorSpec& output : signature.outputs) {
    *out.add_outputs() = DescribeTensor(output);
  }
  if (signature.max_batch < engine::kUnlimitedBatch) {
    out.set_max_batch_size(signature.max_batch);
  }
  return out;
}

v1::Model Describe(const ModelStatus& status, const VersionLabels::OfModel& labels) {
  v1::Model out;
  out.set_name(status.name);
  out.mutable_version_labels()->insert(labels.begin(), labels.end());
  if (status.serving_version.has_value()) {
    out.set_serving_version(*status.serving_version);
  }
  for (const VersionStatus& version : status.versions) {
    v1::ModelVersion& described = *out.add_versions();
    described.set_version(version.version);
    described.set_state(StateOf(version.state));
    described.set_reason(version.reason);
    if (version.served != nullptr) {
      DescribeServed(*version.served, described);
    }
  }
  return out;
}

}  // namespace dnnd::server
