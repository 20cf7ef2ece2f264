#include "server/grpc/vision_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "server/grpc/convert.h"
#include "server/grpc/unary_call.h"

namespace dnnd::server {

namespace {

constexpr int kDefaultTopK = 5;

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

// Views of the message.
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

template <typename Message>
std::vector<ImageInput> ToInputs(const Message& message) {
  std::vector<ImageInput> inputs;
  for (const v1::Image& image : message.images()) {
    inputs.push_back(ToInput(image));
  }
  return inputs;
}

// The index of a class, its label if it has one, and its score.
void Fill(int index, float score, const std::vector<std::string>& labels, v1::Category& category) {
  category.set_index(index);
  category.set_score(score);
  if (static_cast<size_t>(index) < labels.size()) {
    category.set_label(labels[index]);
  }
}

ClassifyRequest ToRequest(const v1::ClassifyRequest& message) {
  ClassifyRequest request;
  request.model = ToReference(message.model());
  request.images = ToInputs(message);
  request.top_k = message.options().has_top_k() ? message.options().top_k() : kDefaultTopK;
  return request;
}

void Fill(const ClassifyResponse& response, v1::ClassifyResponse& message) {
  *message.mutable_model() = ToSpec(*response.model);
  for (const std::vector<ScoredClass>& classes : response.results) {
    v1::Classification& result = *message.add_results();
    for (const ScoredClass& item : classes) {
      Fill(item.index, item.score, response.model->labels, *result.add_categories());
    }
  }
  *message.mutable_timings() = ToProto(response.timings);
}

DetectRequest ToRequest(const v1::DetectRequest& message) {
  const v1::DetectOptions& options = message.options();
  const auto given = [](bool has, auto value) {
    return has ? std::optional<decltype(value)>(value) : std::nullopt;
  };
  DetectRequest request;
  request.model = ToReference(message.model());
  request.images = ToInputs(message);
  request.score_threshold = given(options.has_score_threshold(), options.score_threshold());
  request.iou_threshold = given(options.has_iou_threshold(), options.iou_threshold());
  request.max_detections = given(options.has_max_detections(), options.max_detections());
  request.min_size = given(options.has_min_size_pixels(), options.min_size_pixels());
  request.class_agnostic = given(options.has_class_agnostic(), options.class_agnostic());
  request.soft_nms = given(options.has_soft_nms(), options.soft_nms());
  request.classes.assign(options.classes().begin(), options.classes().end());
  return request;
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
}

void Fill(const DetectResponse& response, v1::DetectResponse& message) {
  *message.mutable_model() = ToSpec(*response.model);
  for (const DetectResponse::Picture& picture : response.results) {
    v1::Detections& result = *message.add_results();
    result.set_width(picture.size.width);
    result.set_height(picture.size.height);
    for (const Detection& detection : picture.detections) {
      Fill(detection, response.model->labels, *result.add_detections());
    }
  }
  *message.mutable_timings() = ToProto(response.timings);
}

SegmentRequest ToRequest(const v1::SegmentRequest& message) {
  const v1::SegmentOptions& options = message.options();
  SegmentRequest request;
  request.model = ToReference(message.model());
  request.images = ToInputs(message);
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

void Fill(SegmentResponse& response, v1::SegmentResponse& message) {
  *message.mutable_model() = ToSpec(*response.model);
  for (SegmentResponse::Picture& picture : response.results) {
    v1::Segmentation& result = *message.add_results();
    const PictureSize size = picture.size;
    result.set_width(size.width);
    result.set_height(size.height);
    result.set_mask(std::move(picture.mask));
    result.set_confidence(std::move(picture.confidence));
    result.set_mask_resize(response.resize == MaskResize::kNearest
                               ? v1::SegmentationHead::NEAREST
                               : v1::SegmentationHead::BILINEAR);
    const auto pixels = static_cast<float>(int64_t{size.width} * size.height);
    for (SegmentResponse::Area& area : picture.areas) {
      v1::ClassArea& entry = *result.add_areas();
      Fill(area.class_index, static_cast<float>(area.pixels) / pixels, response.model->labels,
           *entry.mutable_category());
      entry.set_pixels(area.pixels);
      entry.set_run_lengths(std::move(area.run_lengths));
    }
  }
  *message.mutable_timings() = ToProto(response.timings);
}

}  // namespace

grpc::ServerUnaryReactor* VisionService::Classify(grpc::CallbackServerContext* context,
                                                  const v1::ClassifyRequest* request,
                                                  v1::ClassifyResponse* response) {
  auto* call = new UnaryCall(context);
  classify_.Classify(call->call(), ToRequest(*request),
                     Answering<ClassifyResponse>(
                         call, [response](ClassifyResponse& result) { Fill(result, *response); }));
  return call;
}

grpc::ServerUnaryReactor* VisionService::Detect(grpc::CallbackServerContext* context,
                                                const v1::DetectRequest* request,
                                                v1::DetectResponse* response) {
  auto* call = new UnaryCall(context);
  detect_.Detect(call->call(), ToRequest(*request),
                 Answering<DetectResponse>(
                     call, [response](DetectResponse& result) { Fill(result, *response); }));
  return call;
}

grpc::ServerUnaryReactor* VisionService::Segment(grpc::CallbackServerContext* context,
                                                 const v1::SegmentRequest* request,
                                                 v1::SegmentResponse* response) {
  auto* call = new UnaryCall(context);
  segment_.Segment(call->call(), ToRequest(*request),
                   Answering<SegmentResponse>(
                       call, [response](SegmentResponse& result) { Fill(result, *response); }));
  return call;
}

}  // namespace dnnd::server
