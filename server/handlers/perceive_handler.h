// One picture in, the answers of several models out.
#ifndef DNND_SERVER_HANDLERS_PERCEIVE_HANDLER_H_
#define DNND_SERVER_HANDLERS_PERCEIVE_HANDLER_H_

#include <variant>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/classify_handler.h"
#include "server/handlers/detect_handler.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
#include "server/handlers/segment_handler.h"

namespace dnnd::server {

inline constexpr size_t kMostPerceiveTasks = 16;

struct PerceiveRequest {
  // Without pictures. A model alone is asked what it is for, with all defaults.
  using Question = std::variant<ModelReference, ClassifyRequest, DetectRequest, SegmentRequest>;

  ImageInput image;  // what it points into lives until the answer
  std::vector<Question> tasks;
};

struct PerceiveResponse {
  // Each of one picture.
  using Answer = std::variant<ClassifyResponse, DetectResponse, SegmentResponse>;

  PictureSize size;             // upright
  std::vector<Answer> results;  // by task
  InferenceTimings timings;     // of the slowest task, but for decode and total
};

// Thread-safe. `services` outlives it.
class PerceiveHandler {
 public:
  // `method` is what clients call.
  PerceiveHandler(const InferenceServices& services, Method method)
      : services_(services), method_(method) {}

  // Header and limits → every task's model and options → admission, all tasks together → decode,
  // once, on a worker → each task's way of PictureTask from there on, all at once. Answers when all
  // tasks have ended; the first that fails stops the others. INVALID_ARGUMENT (INVALID_REQUEST) for
  // no task or more than kMostPerceiveTasks; an error of a task names tasks[i], one of the picture
  // image.
  void Perceive(const Call& call, PerceiveRequest request, Done<PerceiveResponse> done) const;

 private:
  const InferenceServices& services_;
  const Method method_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_PERCEIVE_HANDLER_H_
