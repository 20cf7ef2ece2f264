// Pictures in, masks out.
#ifndef DNND_SERVER_HANDLERS_SEGMENT_HANDLER_H_
#define DNND_SERVER_HANDLERS_SEGMENT_HANDLER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
#include "server/handlers/picture_task.h"
#include "server/vision/segment.h"

namespace dnnd::server {

enum class MaskFormat {
  kPng,         // a file: a palette of classes, or grey for opacities
  kRunLengths,  // COCO's, for each class
  kLabels,      // a byte for each pixel
};

struct SegmentRequest {
  ModelReference model;
  std::vector<ImageInput> images;  // what they point into lives until the answer
  MaskFormat format = MaskFormat::kPng;
  bool confidence = false;
  // What is not set is as the model is configured.
  std::optional<float> threshold;
  std::optional<MaskResize> resize;
};

struct SegmentResponse {
  struct Area {
    int class_index = 0;
    int64_t pixels = 0;
    std::string run_lengths;  // for kRunLengths
  };
  struct Picture {
    PictureSize size;  // upright
    std::string mask;  // empty for kRunLengths
    std::vector<Area> areas;
    std::string confidence;  // a grey PNG file, where it was asked for
  };
  ModelHandle model;  // has the labels
  std::vector<Picture> results;
  MaskResize resize = MaskResize::kBilinear;
  InferenceTimings timings;
};

// Thread-safe. `services` outlives it.
class SegmentHandler {
 public:
  // `method` is what clients call.
  SegmentHandler(const InferenceServices& services, Method method)
      : services_(services), method_(method) {}

  // A request that is yet to be started; masks are made and written on a worker. INVALID_ARGUMENT
  // naming an option that is out of its range or that the model's kind has no answer for;
  // FAILED_PRECONDITION (TASK_MISMATCH) when the model is no segmenter; else PictureTask's errors.
  std::shared_ptr<PictureTask> MakeTask(const Call& call, SegmentRequest request,
                                        Done<SegmentResponse> done) const;

 private:
  const InferenceServices& services_;
  const Method method_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_SEGMENT_HANDLER_H_
