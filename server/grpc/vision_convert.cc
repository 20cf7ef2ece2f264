#include "server/grpc/vision_convert.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "server/grpc/convert.h"

namespace dnnd::server {

namespace {

RawFormat ToFormat(v1::RawImage::Format format) {
  switch (format) {
    case v1::RawImage::BGR:
      return RawFormat::kBgr;
    case v1::RawImage::GRAY:
      return RawFormat::kGray;
    default:
      return RawFormat::kRgb;
  }
}

// The index of a class, its label if it has one, and its score.
void Fill(int index, float score, const std::vector<std::string>& labels, v1::Category& category) {
  category.set_index(index);
  category.set_score(score);
  if (static_cast<size_t>(index) < labels.size()) {
    category.set_label(labels[index]);
  }
}

void Fill(const InstanceMask& mask, v1::InstanceMask& message) {
  message.set_x(mask.x);
  message.set_y(mask.y);
  message.set_width(mask.width);
  message.set_height(mask.height);
  message.set_png(mask.png);
  message.set_run_lengths(mask.run_lengths);
  message.set_pixels(mask.pixels);
}

void Fill(const Detection& detection, const std::vector<std::string>& labels,
          v1::Detection& message) {
  v1::Box& box = *message.mutable_box();
  box.set_x_min(detection.box.x_min);
  box.set_y_min(detection.box.y_min);
  box.set_x_max(detection.box.x_max);
  box.set_y_max(detection.box.y_max);
  Fill(detection.class_index, detection.score, labels, *message.mutable_category());
  for (const Keypoint& point : detection.keypoints) {
    v1::Keypoint& keypoint = *message.add_keypoints();
    keypoint.set_x(point.x);
    keypoint.set_y(point.y);
  }
  if (detection.mask.has_value()) {
    Fill(*detection.mask, *message.mutable_mask());
  }
}

PerceiveRequest::Question ToQuestion(const v1::PerceiveTask& task) {
  switch (task.options_case()) {
    case v1::PerceiveTask::kClassify:
      return ToRequest(task.model(), task.classify());
    case v1::PerceiveTask::kDetect:
      return ToRequest(task.model(), task.detect());
    case v1::PerceiveTask::kSegment:
      return ToRequest(task.model(), task.segment());
    default:
      return ToReference(task.model());
  }
}

// Where the result of each kind of answer stands.
v1::Classification& ResultOf(const ClassifyResponse&, v1::Perception& message) {
  return *message.mutable_classification();
}
v1::Detections& ResultOf(const DetectResponse&, v1::Perception& message) {
  return *message.mutable_detections();
}
v1::Segmentation& ResultOf(const SegmentResponse&, v1::Perception& message) {
  return *message.mutable_segmentation();
}

}  // namespace

ImageInput ToInput(const v1::Image& image) {
  switch (image.source_case()) {
    case v1::Image::kEncoded:
      return EncodedInput{image.encoded()};
    case v1::Image::kRaw:
      return RawInput{image.raw().width(), image.raw().height(), ToFormat(image.raw().format()),
                      image.raw().pixels()};
    default:
      return std::monostate();
  }
}

ClassifyRequest ToRequest(const v1::ModelSpec& model, const v1::ClassifyOptions& options) {
  ClassifyRequest request;
  request.model = ToReference(model);
  if (options.has_top_k()) {
    request.top_k = options.top_k();
  }
  return request;
}

DetectRequest ToRequest(const v1::ModelSpec& model, const v1::DetectOptions& options) {
  const auto given = [](bool has, auto value) {
    return has ? std::optional<decltype(value)>(value) : std::nullopt;
  };
  DetectRequest request;
  request.model = ToReference(model);
  request.score_threshold = given(options.has_score_threshold(), options.score_threshold());
  request.iou_threshold = given(options.has_iou_threshold(), options.iou_threshold());
  request.max_detections = given(options.has_max_detections(), options.max_detections());
  request.min_size = given(options.has_min_size_pixels(), options.min_size_pixels());
  request.class_agnostic = given(options.has_class_agnostic(), options.class_agnostic());
  request.soft_nms = given(options.has_soft_nms(), options.soft_nms());
  request.classes.assign(options.classes().begin(), options.classes().end());
  request.masks = options.masks() == v1::DetectOptions::PNG   ? InstanceMaskFormat::kPng
                  : options.masks() == v1::DetectOptions::RLE ? InstanceMaskFormat::kRunLengths
                                                              : InstanceMaskFormat::kNone;
  return request;
}

SegmentRequest ToRequest(const v1::ModelSpec& model, const v1::SegmentOptions& options) {
  SegmentRequest request;
  request.model = ToReference(model);
  request.format = options.format() == v1::SegmentOptions::RLE      ? MaskFormat::kRunLengths
                   : options.format() == v1::SegmentOptions::LABELS ? MaskFormat::kLabels
                                                                    : MaskFormat::kPng;
  request.confidence = options.confidence();
  if (options.has_threshold()) {
    request.threshold = options.threshold();
  }
  if (options.mask_resize() != v1::SegmentationHead::MASK_RESIZE_UNSPECIFIED) {
    request.resize = options.mask_resize() == v1::SegmentationHead::NEAREST ? MaskResize::kNearest
                                                                            : MaskResize::kBilinear;
  }
  return request;
}

PerceiveRequest ToRequest(const v1::Image& image, const PerceiveTasks& tasks) {
  PerceiveRequest request;
  request.image = ToInput(image);
  const int count = std::min<int>(tasks.size(), kMostPerceiveTasks + 1);
  for (int i = 0; i < count; ++i) {
    request.tasks.push_back(ToQuestion(tasks[i]));
  }
  return request;
}

void FillResult(ClassifyResponse& response, size_t picture, v1::Classification& message) {
  for (const ScoredClass& item : response.results[picture]) {
    Fill(item.index, item.score, response.model->labels, *message.add_categories());
  }
}

void FillResult(DetectResponse& response, size_t picture, v1::Detections& message) {
  const DetectResponse::Picture& found = response.results[picture];
  message.set_width(found.size.width);
  message.set_height(found.size.height);
  for (const Detection& detection : found.detections) {
    Fill(detection, response.model->labels, *message.add_detections());
  }
}

void FillResult(SegmentResponse& response, size_t picture, v1::Segmentation& message) {
  SegmentResponse::Picture& found = response.results[picture];
  message.set_width(found.size.width);
  message.set_height(found.size.height);
  message.set_mask(std::move(found.mask));
  message.set_confidence(std::move(found.confidence));
  message.set_mask_resize(response.resize == MaskResize::kNearest ? v1::SegmentationHead::NEAREST
                                                                  : v1::SegmentationHead::BILINEAR);
  const auto pixels = static_cast<float>(int64_t{found.size.width} * found.size.height);
  for (SegmentResponse::Area& area : found.areas) {
    v1::ClassArea& entry = *message.add_areas();
    Fill(area.class_index, static_cast<float>(area.pixels) / pixels, response.model->labels,
         *entry.mutable_category());
    entry.set_pixels(area.pixels);
    entry.set_run_lengths(std::move(area.run_lengths));
  }
}

void Fill(PerceiveResponse& response, v1::PerceiveResponse& message) {
  message.set_width(response.size.width);
  message.set_height(response.size.height);
  for (PerceiveResponse::Answer& answer : response.results) {
    std::visit(
        [&](auto& found) {
          v1::Perception& result = *message.add_results();
          *result.mutable_model() = ToSpec(*found.model);
          FillResult(found, 0, ResultOf(found, result));
          *result.mutable_timings() = ToProto(found.timings);
        },
        answer);
  }
  *message.mutable_timings() = ToProto(response.timings);
}

}  // namespace dnnd::server
