#include "server/config/model_config.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/config/text_proto.h"

namespace dnnd::server {
namespace {

constexpr int64_t kMaxPixels = 16384;
constexpr int64_t kMaxStride = 1024;
constexpr int kMaxAnchorSizes = 64;  // of one level
constexpr int kMaxLevels = 16;
constexpr int64_t kMaxClass = (1 << 16) - 1;

class FaultFinder {
 public:
  std::vector<ConfigFault> Find(const v1::ModelConfig& config) {
    const std::string& labels = config.labels_file();
    if (absl::StrContains(labels, "/") || labels == "." || labels == ".." || labels.size() > 255) {
      Add("labels_file", "got \"", labels,
          "\", want the plain name of a file beside the configuration");
    }
    if (config.has_max_memory_bytes() && config.max_memory_bytes() < 1) {
      Add("max_memory_bytes", "got ", config.max_memory_bytes(), ", want 1 or more");
    }
    CheckPreprocess(config.preprocess());
    CheckDetection(config.detection());
    CheckShare("segmentation.threshold", config.segmentation().has_threshold(),
               config.segmentation().threshold());
    CheckVersions(config.versions());
    CheckBatching(config.batching());
    return std::move(faults_);
  }

 private:
  template <typename... Parts>
  void Add(absl::string_view field, const Parts&... parts) {
    faults_.push_back({std::string(field), absl::StrCat(parts...)});
  }

  void CheckRange(absl::string_view field, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) {
      Add(field, "got ", value, ", want ", least, " to ", most);
    }
  }

  // Zero is how proto3 leaves these unsaid.
  void CheckPixels(absl::string_view field, int value) {
    if (value != 0) {
      CheckRange(field, value, 1, kMaxPixels);
    }
  }

  void CheckChannels(absl::string_view field, const google::protobuf::RepeatedField<float>& values,
                     bool zero_allowed) {
    if (values.size() > 4) {
      Add(field, "got ", values.size(), " values, want one for all channels or one for each");
    }
    for (float value : values) {
      if (!std::isfinite(value) || (value == 0 && !zero_allowed)) {
        Add(field, "got ", value, ", want finite values", zero_allowed ? "" : " that are not 0");
        return;
      }
    }
  }

  void CheckPreprocess(const v1::Preprocess& preprocess) {
    CheckPixels("preprocess.width", preprocess.width());
    CheckPixels("preprocess.height", preprocess.height());
    CheckPixels("preprocess.shorter_side", preprocess.shorter_side());
    if (preprocess.has_max_side()) {
      CheckRange("preprocess.max_side", preprocess.max_side(), 1, kMaxPixels);
    }
    if (preprocess.has_size_multiple()) {
      CheckRange("preprocess.size_multiple", preprocess.size_multiple(), 1, kMaxStride);
    }
    CheckChannels("preprocess.mean", preprocess.mean(), true);
    CheckChannels("preprocess.std", preprocess.std(), false);
    if (preprocess.has_scale() && (!std::isfinite(preprocess.scale()) || preprocess.scale() == 0)) {
      Add("preprocess.scale", "got ", preprocess.scale(), ", want a finite value that is not 0");
    }
    if (!(preprocess.pad_value() >= 0 && preprocess.pad_value() <= 255)) {
      Add("preprocess.pad_value", "got ", preprocess.pad_value(), ", want 0 to 255");
    }
  }

  void CheckShare(absl::string_view field, bool set, float value) {
    if (set && !(value >= 0 && value <= 1)) {
      Add(field, "got ", value, ", want 0 to 1");
    }
  }

  void CheckPositive(absl::string_view field, bool set, float value) {
    if (set && !(value > 0 && std::isfinite(value))) {
      Add(field, "got ", value, ", want a finite value above 0");
    }
  }

  void CheckDetection(const v1::DetectionHead& detection) {
    CheckShare("detection.score_threshold", detection.has_score_threshold(),
               detection.score_threshold());
    CheckShare("detection.iou_threshold", detection.has_iou_threshold(), detection.iou_threshold());
    if (detection.has_max_detections()) {
      CheckRange("detection.max_detections", detection.max_detections(), 1, 1000);
    }
    if (!(detection.min_size_pixels() >= 0) || std::isinf(detection.min_size_pixels())) {
      Add("detection.min_size_pixels", "got ", detection.min_size_pixels(), ", want 0 or more");
    }
    CheckPositive("detection.center_variance", detection.has_center_variance(),
                  detection.center_variance());
    CheckPositive("detection.size_variance", detection.has_size_variance(),
                  detection.size_variance());
    CheckShare("detection.anchor_offset", detection.has_anchor_offset(), detection.anchor_offset());
    for (const int index : detection.classes()) {
      CheckRange("detection.classes", index, 0, kMaxClass);
    }
    for (const int stride : detection.strides()) {
      CheckRange("detection.strides", stride, 1, kMaxStride);
    }
    if (detection.strides_size() > kMaxLevels || detection.levels_size() > kMaxLevels) {
      Add(detection.levels_size() > kMaxLevels ? "detection.levels" : "detection.strides",
          "got more than ", kMaxLevels, ", want at most so many");
    }
    for (const v1::DetectionHead::Level& level : detection.levels()) {
      CheckLevel(level);
    }
  }

  void CheckLevel(const v1::DetectionHead::Level& level) {
    CheckRange("detection.levels.stride", level.stride(), 1, kMaxStride);
    if (level.widths_size() != level.heights_size() || level.widths().empty() ||
        level.widths_size() > kMaxAnchorSizes) {
      Add("detection.levels.widths", "got ", level.widths_size(), " widths and ",
          level.heights_size(), " heights, want as many of both, 1 to ", kMaxAnchorSizes);
    }
    for (const auto* sides : {&level.widths(), &level.heights()}) {
      for (const float side : *sides) {
        CheckPositive("detection.levels.widths", true, side);
      }
    }
  }

  void CheckVersions(const v1::VersionPolicy& policy) {
    if (policy.has_latest() && policy.latest().has_count()) {
      CheckRange("versions.latest.count", policy.latest().count(), 1, 1000);
    }
    if (policy.has_specific() && policy.specific().versions().empty()) {
      Add("versions.specific.versions", "got no version, want at least one");
    }
    for (int64_t version : policy.specific().versions()) {
      if (version < 1) {
        Add("versions.specific.versions", "got version ", version, ", want 1 or more");
      }
    }
  }

  void CheckBatching(const v1::Batching& batching) {
    if (batching.has_max_batch_size()) {
      CheckRange("batching.max_batch_size", batching.max_batch_size(), 1, 1024);
    }
    if (batching.has_max_queue_items()) {
      CheckRange("batching.max_queue_items", batching.max_queue_items(), 1, 1048576);
    }
    if (batching.has_default_deadline_ms()) {
      CheckRange("batching.default_deadline_ms", batching.default_deadline_ms(), 1, 3600000);
    }
  }

  std::vector<ConfigFault> faults_;
};

std::string PathIn(const std::string& folder) { return absl::StrCat(folder, "/config.textproto"); }

// Reads the file and finds its faults, each with its place.
absl::Status Read(const std::string& path, v1::ModelConfig* config,
                  std::vector<std::string>* faults) {
  TextLocations locations;
  const absl::Status read = ReadTextProto(path, config, &locations);
  if (absl::IsNotFound(read)) {
    return absl::OkStatus();
  }
  DNND_RETURN_IF_ERROR(read);
  for (const ConfigFault& fault : FindFaults(*config)) {
    const std::string place = LocateField(locations, *config, fault.field);
    faults->push_back(absl::StrCat(path, place.empty() ? "" : ":", place, ": ", fault.field, ": ",
                                   fault.message));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<ConfigFault> FindFaults(const v1::ModelConfig& config) {
  return FaultFinder().Find(config);
}

absl::StatusOr<v1::ModelConfig> ReadModelConfig(const std::string& folder) {
  v1::ModelConfig config;
  std::vector<std::string> faults;
  DNND_RETURN_IF_ERROR(Read(PathIn(folder), &config, &faults));
  if (!faults.empty()) {
    return absl::InvalidArgumentError(faults.front());
  }
  return config;
}

std::vector<std::string> FindFaultsOfFile(const std::string& folder) {
  v1::ModelConfig config;
  std::vector<std::string> faults;
  if (const absl::Status read = Read(PathIn(folder), &config, &faults); !read.ok()) {
    faults.emplace_back(read.message());
  }
  return faults;
}

}  // namespace dnnd::server
