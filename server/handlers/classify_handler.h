// Pictures in, classes out.
#ifndef DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_
#define DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
#include "server/handlers/picture_task.h"
#include "server/vision/classify.h"

namespace dnnd::server {

struct ClassifyRequest {
  ModelReference model;
  std::vector<ImageInput> images;  // what they point into lives until the answer
  int top_k = 5;                   // 0: every class
};

struct ClassifyResponse {
  ModelHandle model;                              // has the labels
  std::vector<std::vector<ScoredClass>> results;  // by picture, best first
  InferenceTimings timings;
};

// Thread-safe. `services` outlives it.
class ClassifyHandler {
 public:
  // `method` is what clients call.
  ClassifyHandler(const InferenceServices& services, Method method)
      : services_(services), method_(method) {}

  // A request that is yet to be started. INVALID_ARGUMENT naming an option that is out of its
  // range; FAILED_PRECONDITION (TASK_MISMATCH) when the model is no classifier; else PictureTask's
  // errors.
  std::shared_ptr<PictureTask> MakeTask(const Call& call, ClassifyRequest request,
                                        Done<ClassifyResponse> done) const;

 private:
  const InferenceServices& services_;
  const Method method_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_
