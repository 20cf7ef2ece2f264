// Tensors in, tensors out.
#ifndef DNND_SERVER_HANDLERS_PREDICT_HANDLER_H_
#define DNND_SERVER_HANDLERS_PREDICT_HANDLER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor/tensor.h"
#include "server/handlers/call.h"
#include "server/handlers/inference.h"
#include "server/handlers/tensor_input.h"

namespace dnnd::server {

struct InferRequest {
  ModelReference model;
  std::vector<TensorInput> inputs;   // every one of the signature, in any order
  std::vector<std::string> outputs;  // empty: all
};

struct InferResponse {
  ModelHandle model;
  std::vector<std::pair<std::string, engine::Tensor>> outputs;
  InferenceTimings timings;
};

// Thread-safe. `services` outlives it.
class PredictHandler {
 public:
  explicit PredictHandler(const InferenceServices& services) : services_(services) {}

  // INVALID_ARGUMENT: TENSOR_UNKNOWN (a name that the model does not have, or one that is missing),
  // TENSOR_TYPE_MISMATCH, TENSOR_SHAPE_MISMATCH; else those of InferenceRun.
  void Predict(const Call& call, const InferRequest& request, Done<InferResponse> done);

 private:
  const InferenceServices& services_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_PREDICT_HANDLER_H_
