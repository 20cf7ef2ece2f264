#include "server/config/model_config.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/config/check_range.h"
#include "server/config/text_proto.h"

namespace dnnd::server {
namespace {

// Zero is how proto3 leaves these unsaid.
absl::Status CheckPixels(absl::string_view field, int value) {
  constexpr int kMaxPixels = 16384;
  return value == 0 ? absl::OkStatus() : CheckRange(field, value, 1, kMaxPixels);
}

absl::Status CheckChannels(absl::string_view field,
                           const google::protobuf::RepeatedField<float>& values,
                           bool zero_allowed) {
  if (values.size() > 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": got ", values.size(), " values, want one for all channels or one for each"));
  }
  for (float value : values) {
    if (!std::isfinite(value) || (value == 0 && !zero_allowed)) {
      return absl::InvalidArgumentError(absl::StrCat(field, ": got ", value, ", want finite values",
                                                     zero_allowed ? "" : " that are not 0"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidatePreprocess(const v1::Preprocess& preprocess) {
  DNND_RETURN_IF_ERROR(CheckPixels("preprocess.width", preprocess.width()));
  DNND_RETURN_IF_ERROR(CheckPixels("preprocess.height", preprocess.height()));
  DNND_RETURN_IF_ERROR(CheckPixels("preprocess.shorter_side", preprocess.shorter_side()));
  DNND_RETURN_IF_ERROR(CheckChannels("preprocess.mean", preprocess.mean(), true));
  DNND_RETURN_IF_ERROR(CheckChannels("preprocess.std", preprocess.std(), false));
  if (preprocess.has_scale() && (!std::isfinite(preprocess.scale()) || preprocess.scale() == 0)) {
    return absl::InvalidArgumentError(absl::StrCat("preprocess.scale: got ", preprocess.scale(),
                                                   ", want a finite value that is not 0"));
  }
  if (!(preprocess.pad_value() >= 0 && preprocess.pad_value() <= 255)) {
    return absl::InvalidArgumentError(
        absl::StrCat("preprocess.pad_value: got ", preprocess.pad_value(), ", want 0 to 255"));
  }
  return absl::OkStatus();
}

absl::Status ValidateVersions(const v1::VersionPolicy& policy) {
  if (policy.has_latest() && policy.latest().has_count()) {
    return CheckRange("versions.latest.count", policy.latest().count(), 1, 1000);
  }
  if (policy.has_specific()) {
    if (policy.specific().versions().empty()) {
      return absl::InvalidArgumentError("versions.specific: got no version, want at least one");
    }
    for (int64_t version : policy.specific().versions()) {
      if (version < 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("versions.specific: got version ", version, ", want 1 or more"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateBatching(const v1::Batching& batching) {
  if (batching.has_max_batch_size()) {
    DNND_RETURN_IF_ERROR(CheckRange("batching.max_batch_size", batching.max_batch_size(), 1, 1024));
  }
  if (batching.has_max_queue_items()) {
    DNND_RETURN_IF_ERROR(
        CheckRange("batching.max_queue_items", batching.max_queue_items(), 1, 1048576));
  }
  if (batching.has_default_deadline_ms()) {
    DNND_RETURN_IF_ERROR(
        CheckRange("batching.default_deadline_ms", batching.default_deadline_ms(), 1, 3600000));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateModelConfig(const v1::ModelConfig& config) {
  const std::string& labels = config.labels_file();
  if (absl::StrContains(labels, "/") || labels == "." || labels == ".." || labels.size() > 255) {
    return absl::InvalidArgumentError(
        absl::StrCat("labels_file: got \"", labels,
                     "\", want the plain name of a file beside the configuration"));
  }
  if (config.has_max_memory_bytes() && config.max_memory_bytes() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_memory_bytes: got ", config.max_memory_bytes(), ", want 1 or more"));
  }
  DNND_RETURN_IF_ERROR(ValidatePreprocess(config.preprocess()));
  DNND_RETURN_IF_ERROR(ValidateVersions(config.versions()));
  return ValidateBatching(config.batching());
}

absl::StatusOr<v1::ModelConfig> ReadModelConfig(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/config.textproto");
  v1::ModelConfig config;
  const absl::Status read = ReadTextProto(path, &config);
  if (absl::IsNotFound(read)) {
    return config;
  }
  DNND_RETURN_IF_ERROR(read);
  if (const absl::Status valid = ValidateModelConfig(config); !valid.ok()) {
    return engine::Annotate(valid, path);
  }
  return config;
}

}  // namespace dnnd::server
