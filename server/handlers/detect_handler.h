// Pictures in, boxes out.
#ifndef DNND_SERVER_HANDLERS_DETECT_HANDLER_H_
#define DNND_SERVER_HANDLERS_DETECT_HANDLER_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
#include "server/handlers/picture_task.h"
#include "server/vision/detection.h"
#include "server/vision/instance_mask.h"

namespace dnnd::server {

struct DetectRequest {
  ModelReference model;
  std::vector<ImageInput> images;  // what they point into lives until the answer
  // What is not set is as the model is configured.
  std::optional<float> score_threshold;
  std::optional<float> iou_threshold;
  std::optional<int> max_detections;
  std::optional<float> min_size;
  std::optional<bool> class_agnostic;
  std::optional<bool> soft_nms;
  std::vector<int> classes;
  InstanceMaskFormat masks = InstanceMaskFormat::kNone;
};

struct DetectResponse {
  struct Picture {
    PictureSize size;                   // upright
    std::vector<Detection> detections;  // best first
  };
  ModelHandle model;  // has the labels
  std::vector<Picture> results;
  InferenceTimings timings;
};

// Thread-safe. `services` outlives it.
class DetectHandler {
 public:
  // `method` is what clients call.
  DetectHandler(const InferenceServices& services, Method method)
      : services_(services), method_(method) {}

  // A request that is yet to be started; boxes are decoded and overlaps resolved on a worker.
  // INVALID_ARGUMENT naming an option that is out of its range; FAILED_PRECONDITION (TASK_MISMATCH)
  // when the model is no detector; else PictureTask's errors.
  std::shared_ptr<PictureTask> MakeTask(const Call& call, DetectRequest request,
                                        Done<DetectResponse> done) const;

 private:
  const InferenceServices& services_;
  const Method method_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_DETECT_HANDLER_H_
