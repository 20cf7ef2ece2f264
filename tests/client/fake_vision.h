// The vision service of the fake daemon: the same answers for every picture.
#ifndef DNND_TESTS_CLIENT_FAKE_VISION_H_
#define DNND_TESTS_CLIENT_FAKE_VISION_H_

#include <dnnd/v1/config.pb.h>
#include <dnnd/v1/vision.grpc.pb.h>

#include <atomic>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/vision/mask.h"
#include "tests/client/refusal.h"

namespace dnnd::client {

// Every picture is "tabby" at 0.75, has kPictureWidth x kPictureHeight pixels and shows a dog with
// two landmarks and a person; its left half is "cat", the other background. Refused are those
// whose bytes are "bad".
class FakeVision final : public dnnd::v1::VisionService::Service {
 public:
  static constexpr int kPictureWidth = 40, kPictureHeight = 30;

  grpc::Status Classify(grpc::ServerContext*, const dnnd::v1::ClassifyRequest* request,
                        dnnd::v1::ClassifyResponse* reply) override {
    last_task_ = dnnd::v1::ModelConfig::CLASSIFY;
    if (grpc::Status status = Start(*request, *reply); !status.ok()) return status;
    for (int i = 0; i < request->images_size(); ++i) {
      FillTabby(request->options().top_k(), *reply->add_results());
    }
    return grpc::Status::OK;
  }

  grpc::Status Detect(grpc::ServerContext*, const dnnd::v1::DetectRequest* request,
                      dnnd::v1::DetectResponse* reply) override {
    last_task_ = dnnd::v1::ModelConfig::DETECT;
    if (grpc::Status status = Start(*request, *reply); !status.ok()) return status;
    for (int i = 0; i < request->images_size(); ++i) FillThings(*reply->add_results());
    absl::MutexLock lock(&mutex_);
    last_detect_ = request->options();
    return grpc::Status::OK;
  }

  grpc::Status Segment(grpc::ServerContext*, const dnnd::v1::SegmentRequest* request,
                       dnnd::v1::SegmentResponse* reply) override {
    last_task_ = dnnd::v1::ModelConfig::SEGMENT;
    if (grpc::Status status = Start(*request, *reply); !status.ok()) return status;
    for (int i = 0; i < request->images_size(); ++i) {
      FillHalves(request->options().format(), *reply->add_results());
      if (request->options().confidence()) reply->mutable_results(i)->set_confidence("sure");
    }
    absl::MutexLock lock(&mutex_);
    last_segment_ = request->options();
    return grpc::Status::OK;
  }

  grpc::Status Perceive(grpc::ServerContext*, const dnnd::v1::PerceiveRequest* request,
                        dnnd::v1::PerceiveResponse* reply) override {
    ++calls;
    return FillPerception(request->image(), request->tasks(), *reply);
  }

  // Drops every other frame.
  grpc::Status StreamPerceive(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<dnnd::v1::StreamPerceiveResponse, dnnd::v1::StreamPerceiveRequest>*
          stream) override {
    dnnd::v1::StreamPerceiveRequest first, request;
    for (int i = 0; stream->Read(&request); ++i) {
      if (i == 0) first = request;
      if (i % 2 == 1) continue;
      dnnd::v1::StreamPerceiveResponse reply;
      reply.mutable_frame()->set_id(request.frame().id());
      reply.mutable_frame()->set_delay_ms(12.5);
      reply.mutable_frame()->set_dropped(i == 0 ? 0 : 1);
      reply.mutable_frame()->set_dropped_total(i / 2);
      const grpc::Status status =
          FillPerception(request.frame().image(), first.tasks(), *reply.mutable_result());
      if (!status.ok()) {
        reply.mutable_frame()->mutable_error()->ParseFromString(status.error_details());
        reply.clear_result();
      }
      stream->Write(reply);
    }
    absl::MutexLock lock(&mutex_);
    last_stream_ = first.stream();
    return stream_ends;
  }

  dnnd::v1::StreamOptions last_stream() {
    absl::MutexLock lock(&mutex_);
    return last_stream_;
  }
  dnnd::v1::DetectOptions last_detect() {
    absl::MutexLock lock(&mutex_);
    return last_detect_;
  }
  dnnd::v1::SegmentOptions last_segment() {
    absl::MutexLock lock(&mutex_);
    return last_segment_;
  }

  // Of the method that was called last.
  dnnd::v1::ModelConfig::Task last_task() const { return last_task_; }

  std::atomic<int> calls = 0;
  std::atomic<bool> nothing_found = false;
  // How streams end.
  grpc::Status stream_ends = grpc::Status::OK;
  // Masks are opacities, of which the left half is 200 and the other 0.
  std::atomic<bool> opacities = false;

 private:
  struct Edges {
    float x_min, y_min, x_max, y_max;
  };

  template <typename Request, typename Reply>
  grpc::Status Start(const Request& request, Reply& reply) {
    ++calls;
    *reply.mutable_model() = request.model();
    reply.mutable_model()->set_version(2);
    reply.mutable_timings()->set_batch_size(request.images_size());
    for (int i = 0; i < request.images_size(); ++i) {
      if (request.images(i).encoded() == "bad") {
        return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "a picture cannot be read",
                       "IMAGE_UNREADABLE", "images[" + std::to_string(i) + "]");
      }
    }
    return grpc::Status::OK;
  }

  static dnnd::v1::Detection* AddBox(dnnd::v1::Detections& result, int index,
                                     const std::string& label, float score, const Edges& edges) {
    auto* detection = result.add_detections();
    detection->mutable_category()->set_index(index);
    detection->mutable_category()->set_label(label);
    detection->mutable_category()->set_score(score);
    detection->mutable_box()->set_x_min(edges.x_min);
    detection->mutable_box()->set_y_min(edges.y_min);
    detection->mutable_box()->set_x_max(edges.x_max);
    detection->mutable_box()->set_y_max(edges.y_max);
    return detection;
  }

  static dnnd::v1::ClassArea* AddArea(dnnd::v1::Segmentation& result, int index,
                                      const std::string& label) {
    auto* area = result.add_areas();
    area->mutable_category()->set_index(index);
    area->mutable_category()->set_label(label);
    area->mutable_category()->set_score(0.5f);
    area->set_pixels(kPictureWidth * kPictureHeight / 2);
    return area;
  }

  static void FillTabby(int top_k, dnnd::v1::Classification& result) {
    for (int k = 0; k < top_k; ++k) {
      auto* category = result.add_categories();
      category->set_index(k);
      category->set_score(k == 0 ? 0.75f : 0.125f);
      if (k == 0) category->set_label("tabby\x1b[2J");
    }
  }

  void FillThings(dnnd::v1::Detections& result) const {
    result.set_width(kPictureWidth);
    result.set_height(kPictureHeight);
    if (nothing_found) return;
    auto* dog = AddBox(result, 16, "dog", 0.875f, {4, 12, 20, 28});
    for (const float x : {8.5f, 14.5f}) {
      auto* point = dog->add_keypoints();
      point->set_x(x);
      point->set_y(18.5f);
    }
    AddBox(result, 0, "person", 0.5f, {24, 14, 38, 29});
  }

  // Models "boxes" and "halves" are a detector and a segmenter, all others classifiers.
  grpc::Status FillPerception(
      const dnnd::v1::Image& image,
      const google::protobuf::RepeatedPtrField<dnnd::v1::PerceiveTask>& tasks,
      dnnd::v1::PerceiveResponse& reply) {
    if (image.encoded() == "bad") {
      return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "a picture cannot be read",
                     "IMAGE_UNREADABLE", "image");
    }
    reply.set_width(kPictureWidth);
    reply.set_height(kPictureHeight);
    reply.mutable_timings()->set_batch_size(1);
    for (const dnnd::v1::PerceiveTask& task : tasks) {
      auto* result = reply.add_results();
      *result->mutable_model() = task.model();
      result->mutable_model()->set_version(2);
      if (task.model().name() == "boxes") {
        FillThings(*result->mutable_detections());
      } else if (task.model().name() == "halves") {
        FillHalves(dnnd::v1::SegmentOptions::PNG, *result->mutable_segmentation());
      } else {
        FillTabby(2, *result->mutable_classification());
      }
    }
    return grpc::Status::OK;
  }

  void FillHalves(dnnd::v1::SegmentOptions::MaskFormat format, dnnd::v1::Segmentation& result) {
    server::Mask mask{kPictureWidth, kPictureHeight, {}};
    for (int i = 0; i < kPictureWidth * kPictureHeight; ++i) {
      const bool left = i % kPictureWidth < kPictureWidth / 2;
      mask.values.push_back(left ? (opacities ? 200 : 1) : 0);
    }
    result.set_width(kPictureWidth);
    result.set_height(kPictureHeight);
    const bool rle = format == dnnd::v1::SegmentOptions::RLE;
    auto* cat = AddArea(result, 1, opacities ? "" : "cat");
    if (rle) cat->set_run_lengths(server::EncodeRunLengths(mask, 1));
    if (!opacities) {
      auto* background = AddArea(result, 0, "background");
      if (rle) background->set_run_lengths(server::EncodeRunLengths(mask, 0));
    }
    if (format == dnnd::v1::SegmentOptions::LABELS) {
      result.set_mask(std::string(mask.values.begin(), mask.values.end()));
    } else if (!rle) {
      result.set_mask(*server::EncodePng(mask, !opacities));
    }
  }

  std::atomic<dnnd::v1::ModelConfig::Task> last_task_ = dnnd::v1::ModelConfig::TASK_UNSPECIFIED;
  absl::Mutex mutex_;
  dnnd::v1::StreamOptions last_stream_ ABSL_GUARDED_BY(mutex_);
  dnnd::v1::DetectOptions last_detect_ ABSL_GUARDED_BY(mutex_);
  dnnd::v1::SegmentOptions last_segment_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dnnd::client

#endif  // DNND_TESTS_CLIENT_FAKE_VISION_H_
