#include "server/handlers/detect_handler.h"

#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/detection_config.h"
#include "server/handlers/errors.h"
#include "server/handlers/output_rows.h"
#include "server/handlers/picture_task.h"

namespace dnnd::server {

namespace {

constexpr int kMostDetections = 1000;
constexpr size_t kMostClasses = 1000;

absl::Status OutOfRange(absl::string_view option, const std::string& got, absl::string_view want) {
  return InvalidOption(option, absl::StrCat("got ", got, ", want ", want));
}

// NaN is in no range.
absl::Status CheckShare(absl::string_view option, const std::optional<float>& value) {
  return !value.has_value() || (*value >= 0.0f && *value <= 1.0f)
             ? absl::OkStatus()
             : OutOfRange(option, absl::StrCat(*value), "0 to 1");
}

absl::Status CheckClasses(const std::vector<int>& classes, int64_t known) {
  if (classes.size() > kMostClasses) {
    return OutOfRange("classes", absl::StrCat(classes.size(), " of them"),
                      absl::StrCat("at most ", kMostClasses));
  }
  const int64_t end = known > 0 ? known : kMaxDetectionClasses;
  for (const int index : classes) {
    if (index < 0 || index >= end) {
      return OutOfRange("classes", absl::StrCat(index), absl::StrCat("0 to ", end - 1));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const DetectRequest& request, const DetectionHead& head) {
  DNND_RETURN_IF_ERROR(CheckShare("score_threshold", request.score_threshold));
  DNND_RETURN_IF_ERROR(CheckShare("iou_threshold", request.iou_threshold));
  const int most = request.max_detections.value_or(1);
  if (most < 1 || most > kMostDetections) {
    return OutOfRange("max_detections", absl::StrCat(most), absl::StrCat("1 to ", kMostDetections));
  }
  const float size = request.min_size.value_or(0.0f);
  if (!(size >= 0.0f) || std::isinf(size)) {
    return OutOfRange("min_size_pixels", absl::StrCat(size), "0 or more");
  }
  return CheckClasses(request.classes, head.classes());
}

// The model's own options under those of the request.
DetectOptions Combine(const DetectOptions& defaults, const DetectRequest& request) {
  DetectOptions options = defaults;
  options.score_threshold = request.score_threshold.value_or(defaults.score_threshold);
  options.iou_threshold = request.iou_threshold.value_or(defaults.iou_threshold);
  options.max_detections = request.max_detections.value_or(defaults.max_detections);
  options.class_agnostic = request.class_agnostic.value_or(defaults.class_agnostic);
  options.soft_nms = request.soft_nms.value_or(defaults.soft_nms);
  options.min_size = request.min_size.value_or(defaults.min_size);
  options.masks = request.masks;
  if (!request.classes.empty()) {
    options.classes = request.classes;
  }
  return options;
}

class DetectionTask final : public AnsweringTask<DetectRequest, DetectResponse> {
 public:
  using AnsweringTask::AnsweringTask;

 private:
  absl::Status Check(const ServedModel& model, size_t pictures) override {
    DNND_RETURN_IF_ERROR(CheckTask(model, v1::ModelConfig::DETECT));
    const DetectorAttachment& detector = DetectorOf(model);
    DNND_RETURN_IF_ERROR(CheckOptions(request(), *detector.head));
    options_ = Combine(detector.defaults, request());
    response().results.resize(pictures);
    return absl::OkStatus();
  }

  int64_t ResultBytes(PictureSize size) const override {
    const bool masks =
        options_.masks != InstanceMaskFormat::kNone && DetectorOf(*model()).head->has_masks();
    return masks ? MostMaskBytes(size.pixels(), options_.max_detections) : 0;
  }

  absl::Status Interpret(const Computed& computed) override {
    const auto rows = static_cast<int64_t>(computed.positions.size());
    DNND_ASSIGN_OR_RETURN(const OutputRows outputs,
                          OutputRows::Create(model()->model->signature(), computed.outputs, rows));
    DetectOptions options = options_;
    options.masked_pictures = MaskedPicturesOf(pixels());
    options.still_wanted = [this] { return call().StillWanted(); };
    for (int64_t i = 0; i < rows; ++i) {
      DNND_RETURN_IF_ERROR(call().StillWanted());
      const Geometry& geometry = computed.geometries[i];
      DetectResponse::Picture& result = response().results[computed.positions[i]];
      result.size = {geometry.source_width, geometry.source_height};
      absl::StatusOr<std::vector<Detection>> found =
          server::Detect(*DetectorOf(*model()).head, outputs.Of(i), computed.width, computed.height,
                         geometry, options);
      if (found.status().code() == absl::StatusCode::kFailedPrecondition) {
        return WithReason(found.status(), kReasonTaskMismatch, {{"model", model()->name}});
      }
      DNND_RETURN_IF_ERROR(found.status());
      result.detections = *std::move(found);
    }
    return absl::OkStatus();
  }

  DetectOptions options_;
};

}  // namespace

std::shared_ptr<PictureTask> DetectHandler::MakeTask(const Call& call, DetectRequest request,
                                                     Done<DetectResponse> done) const {
  return std::make_shared<DetectionTask>(services_, method_, call, std::move(request),
                                         std::move(done));
}

}  // namespace dnnd::server
