#include "server/handlers/detection_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/exec/model.h"
#include "server/handlers/preprocess_config.h"
#include "server/repository/picture_signature.h"

namespace dnnd::server {

namespace {

using v1::Preprocess;

// For a picture of so many channels.
Preprocess ToProto(const PreprocessOptions& options, int64_t channels, int size_multiple) {
  Preprocess out;
  const bool letterbox = options.resize == ResizeMode::kLetterbox;
  out.set_resize(letterbox ? Preprocess::LETTERBOX : Preprocess::STRETCH);
  out.set_anchor(options.anchor == LetterboxAnchor::kTopLeft ? Preprocess::TOP_LEFT
                                                             : Preprocess::CENTER);
  if (channels == 3) {
    out.set_color(options.color == ColorOrder::kBgr ? Preprocess::BGR : Preprocess::RGB);
  } else {
    out.set_color(Preprocess::GRAY);
  }
  out.set_scale(static_cast<float>(options.scale));
  const bool fits = channels == 3 || options.mean.size() <= 1;
  if (fits) {
    out.mutable_mean()->Add(options.mean.begin(), options.mean.end());
    out.mutable_std()->Add(options.std.begin(), options.std.end());
  }
  out.set_pad_value(static_cast<float>(options.pad_value));
  out.set_size_multiple(size_multiple);
  return out;
}

std::string NamesOf(absl::Span<const HeadRow* const> rows) {
  return absl::StrJoin(
      rows, ", ", [](std::string* out, const HeadRow* row) { absl::StrAppend(out, row->name); });
}

BoxFormat ToFormat(v1::DetectionHead::BoxFormat format) {
  switch (format) {
    case v1::DetectionHead::CORNERS_Y_FIRST:
      return BoxFormat::kCornersYFirst;
    case v1::DetectionHead::CENTER_AND_SIZE:
      return BoxFormat::kCenterAndSize;
    case v1::DetectionHead::CORNER_AND_SIZE:
      return BoxFormat::kCornerAndSize;
    default:
      return BoxFormat::kCorners;
  }
}

HeadSpec ToSpec(const v1::DetectionHead& config) {
  HeadSpec spec;
  spec.strides.assign(config.strides().begin(), config.strides().end());
  for (const v1::DetectionHead::Level& given : config.levels()) {
    AnchorLevel level;
    level.stride = given.stride();
    for (int i = 0; i < given.widths_size(); ++i) {
      level.sizes.push_back({given.widths(i), given.heights(i)});
    }
    spec.levels.push_back(std::move(level));
  }
  spec.center_variance = config.center_variance();
  spec.size_variance = config.size_variance();
  if (config.has_anchor_offset()) {
    spec.anchor_offset = config.anchor_offset();
  }
  spec.background = config.background();
  spec.scores = ToActivation(config.score_activation());
  spec.box_format = ToFormat(config.box_format());
  spec.normalized = config.normalized();
  return spec;
}

DetectorInfo Describe(const engine::Model& model, const PictureInput& input) {
  return DescribeDetector(model.graph(), model.signature(),
                          {input.channels, input.height, input.width});
}

DetectOptions ToDefaults(const v1::DetectionHead& config) {
  DetectOptions options;
  options.score_threshold = config.score_threshold();
  options.iou_threshold = config.iou_threshold();
  options.max_detections = config.max_detections();
  options.class_agnostic = config.class_agnostic();
  options.soft_nms = config.soft_nms();
  options.min_size = config.min_size_pixels();
  options.classes.assign(config.classes().begin(), config.classes().end());
  return options;
}

// What is taken for granted of the boxes: a wrong guess costs accuracy, and nothing else tells.
void AssumeBoxes(const v1::DetectionHead& config, const DetectionHead& head,
                 std::vector<std::string>* assumed) {
  if (config.kind() == v1::DetectionHead::DECODED &&
      config.box_format() == v1::DetectionHead::BOX_FORMAT_UNSPECIFIED) {
    assumed->push_back(
        absl::StrCat("detection.box_format CORNERS, in ",
                     config.normalized() ? "parts of the input's sides" : "pixels of the input"));
  }
  if (head.resolves_overlaps()) {
    assumed->push_back(
        "overlaps are left as the model resolved them: iou_threshold, class_agnostic and soft_nms "
        "have no effect");
  }
}

}  // namespace

DetectorFacts RecogniseDetector(const engine::Model& model, const v1::ModelConfig& given) {
  DetectorFacts facts;
  const auto input = FindPictureInput(model.signature(), given.preprocess().layout());
  if (!input.has_value()) {
    return facts;
  }
  const HeadRow* row = nullptr;
  if (given.detection().kind() != v1::DetectionHead::KIND_UNSPECIFIED) {
    row = FindHead(v1::DetectionHead::Kind_Name(given.detection().kind()));
  } else {
    const HeadGuess guess = RecogniseHead(Describe(model, *input));
    row = guess.row;
    facts.possible = NamesOf(guess.possible);
  }
  if (row != nullptr) {
    v1::DetectionHead::Kind_Parse(std::string(row->name), &facts.kind);
    facts.preprocess = ToProto(row->preprocess(), input->channels, row->size_multiple);
  }
  return facts;
}

absl::Status AttachDetector(ServedModel& served) {
  if (served.config.task() != v1::ModelConfig::DETECT) {
    return absl::OkStatus();
  }
  const v1::DetectionHead& config = served.config.detection();
  const engine::Model& model = *served.model;
  const HeadRow* row = FindHead(v1::DetectionHead::Kind_Name(config.kind()));
  if (row == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("detection.kind: got none, want one of ", NamesOf(AllHeads())));
  }
  const auto input = FindPictureInput(model.signature(), served.config.preprocess().layout());
  if (!input.has_value()) {
    return absl::InternalError("a detector without an input for pictures");  // not resolved
  }
  absl::StatusOr<std::unique_ptr<DetectionHead>> head =
      CreateHead(*row, Describe(model, *input), ToSpec(config));
  if (!head.ok()) {
    return engine::Annotate(head.status(), "detection.kind");
  }
  AssumeLabels(static_cast<int64_t>(served.labels.size()), (*head)->classes(), &served.assumed);
  AssumeBoxes(config, **head, &served.assumed);
  auto attachment = std::make_unique<DetectorAttachment>();
  attachment->head = *std::move(head);
  attachment->defaults = ToDefaults(config);
  served.outputs_reader = std::move(attachment);
  return absl::OkStatus();
}

}  // namespace dnnd::server
