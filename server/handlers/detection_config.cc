#include "server/handlers/detection_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/exec/model.h"
#include "server/handlers/preprocess_config.h"

namespace dnnd::server {

namespace {

using v1::Preprocess;

bool IsChannels(const engine::Dim& dim) { return dim.value == 1 || dim.value == 3; }

// Which axis of the model's only input is a picture's height; 0 where it takes no picture.
int HeightAxis(const engine::Signature& signature, Preprocess::TensorLayout layout) {
  if (signature.inputs.size() != 1 || signature.inputs[0].shape.size() != 4) {
    return 0;
  }
  const engine::SymbolicShape& shape = signature.inputs[0].shape;
  if (layout != Preprocess::NHWC && IsChannels(shape[1])) {
    return 2;
  }
  return layout != Preprocess::NCHW && IsChannels(shape[3]) ? 1 : 0;
}

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

}  // namespace

DetectorFacts RecogniseDetector(const engine::Model& model, const v1::ModelConfig& given) {
  DetectorFacts facts;
  const int height_axis = HeightAxis(model.signature(), given.preprocess().layout());
  if (height_axis == 0) {
    return facts;
  }
  const HeadRow* row = nullptr;
  if (given.detection().kind() != v1::DetectionHead::KIND_UNSPECIFIED) {
    row = FindHead(v1::DetectionHead::Kind_Name(given.detection().kind()));
  } else {
    const HeadGuess guess =
        RecogniseHead(DescribeDetector(model.graph(), model.signature(), height_axis));
    row = guess.row;
    facts.possible = NamesOf(guess.possible);
  }
  if (row != nullptr) {
    v1::DetectionHead::Kind_Parse(std::string(row->name), &facts.kind);
    const engine::Dim& channels = model.signature().inputs[0].shape[height_axis == 2 ? 1 : 3];
    facts.preprocess = ToProto(row->preprocess(), channels.value, row->size_multiple);
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
  const int height_axis = served.config.preprocess().layout() == Preprocess::NHWC ? 1 : 2;
  absl::StatusOr<std::unique_ptr<DetectionHead>> head =
      row->create(DescribeDetector(model.graph(), model.signature(), height_axis), ToSpec(config));
  if (!head.ok()) {
    return engine::Annotate(head.status(), "detection.kind");
  }
  auto attachment = std::make_unique<DetectorAttachment>();
  attachment->head = *std::move(head);
  attachment->defaults = ToDefaults(config);
  served.outputs_reader = std::move(attachment);
  return absl::OkStatus();
}

}  // namespace dnnd::server
