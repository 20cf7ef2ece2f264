// Pictures in, classes out.
#ifndef DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_
#define DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_

#include <string>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
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
  explicit ClassifyHandler(const InferenceServices& services) : services_(services) {}

  // Headers and limits → admission → decode and preprocess (on workers, a picture each) → queue →
  // scores and labels (on a worker). One bad picture fails the request, naming images[i].
  // FAILED_PRECONDITION (TASK_MISMATCH) when the model is no classifier; else those of CheckImages
  // and InferenceRun.
  void Classify(const Call& call, ClassifyRequest request, Done<ClassifyResponse> done);

 private:
  const InferenceServices& services_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_CLASSIFY_HANDLER_H_
