#include "server/handlers/segment_handler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/handlers/output_rows.h"
#include "server/handlers/picture_task.h"
#include "server/vision/mask.h"

namespace dnnd::server {

namespace {

using v1::SegmentationHead;

constexpr int kForegroundClass = 1;

ScoreKind ToKind(SegmentationHead::Kind kind) {
  switch (kind) {
    case SegmentationHead::FOREGROUND:
      return ScoreKind::kForeground;
    case SegmentationHead::OPACITY:
      return ScoreKind::kOpacity;
    case SegmentationHead::CLASS_INDEX:
      return ScoreKind::kClassIndex;
    default:
      return ScoreKind::kClassScores;
  }
}

// The classes that are there, the largest first.
std::vector<SegmentResponse::Area> FindAreas(const Mask& mask, ScoreKind kind) {
  const std::array<int64_t, 256> counts = CountValues(mask);
  if (kind == ScoreKind::kOpacity) {
    int64_t sum = 0;
    for (int64_t value = 0; value < 256; ++value) {
      sum += value * counts[value];
    }
    return {{kForegroundClass, sum / 255, ""}};
  }
  std::vector<SegmentResponse::Area> areas;
  for (int index = 0; index < 256; ++index) {
    if (counts[index] > 0) {
      areas.push_back({index, counts[index], ""});
    }
  }
  std::stable_sort(areas.begin(), areas.end(),
                   [](const auto& a, const auto& b) { return a.pixels > b.pixels; });
  return areas;
}

class SegmentationTask final : public AnsweringTask<SegmentRequest, SegmentResponse> {
 public:
  using AnsweringTask::AnsweringTask;

 private:
  const SegmentationHead& head() const { return model()->config.segmentation(); }

  absl::Status Check(const ServedModel& model, size_t pictures) override {
    DNND_RETURN_IF_ERROR(CheckTask(model, v1::ModelConfig::SEGMENT));
    const SegmentationHead& head = model.config.segmentation();
    const float threshold = request().threshold.value_or(head.threshold());
    if (!(threshold >= 0.0f && threshold <= 1.0f)) {
      return InvalidOption("threshold", absl::StrCat("got ", threshold, ", want 0 to 1"));
    }
    if (head.kind() == SegmentationHead::OPACITY && request().format == MaskFormat::kRunLengths) {
      return InvalidOption("format", "got RLE, want PNG or LABELS: the model gives opacities");
    }
    options_.threshold = threshold;
    options_.resize = head.kind() == SegmentationHead::CLASS_INDEX ||
                              head.mask_resize() == SegmentationHead::NEAREST
                          ? MaskResize::kNearest
                          : MaskResize::kBilinear;
    if (request().resize.has_value() && head.kind() != SegmentationHead::CLASS_INDEX) {
      options_.resize = *request().resize;
    }
    response().resize = options_.resize;
    response().results.resize(pictures);
    return absl::OkStatus();
  }

  // Files and run lengths are made of a byte for each pixel.
  int64_t ResultBytes(PictureSize size) const override {
    return size.pixels() * (request().confidence ? 2 : 1);
  }

  absl::Status Interpret(const Computed& computed) override {
    const auto rows = static_cast<int64_t>(computed.positions.size());
    const engine::Signature& signature = model()->model->signature();
    DNND_ASSIGN_OR_RETURN(const OutputRows outputs,
                          OutputRows::Create(signature, computed.outputs, rows));
    const auto output = std::find_if(signature.outputs.begin(), signature.outputs.end(),
                                     [&](const auto& o) { return o.name == head().output(); });
    const size_t index = output - signature.outputs.begin();
    for (int64_t i = 0; i < rows; ++i) {
      DNND_RETURN_IF_ERROR(call().StillWanted());
      const OutputRow row = outputs.Of(i)[index];
      DNND_ASSIGN_OR_RETURN(const ScoreMap map, MapOf(row));
      DNND_RETURN_IF_ERROR(
          Write(map, computed.geometries[i],
                {static_cast<double>(computed.width), static_cast<double>(computed.height)},
                &response().results[computed.positions[i]]));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ScoreMap> MapOf(const OutputRow& row) const {
    ScoreMap map;
    map.values = row.values;
    map.kind = ToKind(head().kind());
    map.layout =
        head().layout() == v1::Preprocess::NHWC ? TensorLayout::kNhwc : TensorLayout::kNchw;
    map.scale = model()->config.score_activation() == v1::ModelConfig::NONE
                    ? ScoreScale::kProbabilities
                    : ScoreScale::kLogits;
    const bool flat = row.row.rank() == 2;
    const int places = flat || map.layout == TensorLayout::kNhwc ? 0 : 1;
    const int64_t classes = flat ? 1 : row.row.dims()[places == 0 ? 2 : 0];
    const int64_t height = row.row.dims()[places];
    const int64_t width = row.row.dims()[places + 1];
    const bool one = map.kind != ScoreKind::kClassScores;
    if (classes < 1 || classes > (one ? 1 : 256) || height < 1 || width < 1 ||
        height > kMaxSidePixels || width > kMaxSidePixels) {
      return WithReason(absl::FailedPreconditionError(absl::StrCat(
                            head().output(), ": got a map of shape ", row.row.ToString(), ", want ",
                            one ? "one channel" : "1 to 256 classes")),
                        kReasonTaskMismatch, {{"model", model()->name}});
    }
    map.classes = static_cast<int>(classes);
    map.height = static_cast<int>(height);
    map.width = static_cast<int>(width);
    return map;
  }

  absl::Status Write(const ScoreMap& map, const Geometry& geometry, InputSize input,
                     SegmentResponse::Picture* result) const {
    Mask confidence;
    const Mask mask =
        MakeMask(map, geometry, input, options_, request().confidence ? &confidence : nullptr);
    result->size = {mask.width, mask.height};
    result->areas = FindAreas(mask, map.kind);
    switch (request().format) {
      case MaskFormat::kPng: {
        DNND_ASSIGN_OR_RETURN(result->mask, EncodePng(mask, map.kind != ScoreKind::kOpacity));
        break;
      }
      case MaskFormat::kRunLengths:
        for (SegmentResponse::Area& area : result->areas) {
          area.run_lengths = EncodeRunLengths(mask, static_cast<uint8_t>(area.class_index));
        }
        break;
      case MaskFormat::kLabels:
        result->mask.assign(mask.values.begin(), mask.values.end());
        break;
    }
    if (request().confidence) {
      DNND_ASSIGN_OR_RETURN(result->confidence, EncodePng(confidence, false));
    }
    return absl::OkStatus();
  }

  SegmentOptions options_;
};

}  // namespace

std::shared_ptr<PictureTask> SegmentHandler::MakeTask(const Call& call, SegmentRequest request,
                                                      Done<SegmentResponse> done) const {
  return std::make_shared<SegmentationTask>(services_, method_, call, std::move(request),
                                            std::move(done));
}

}  // namespace dnnd::server
