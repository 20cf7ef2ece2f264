#include "server/grpc/predict_service.h"

#include <utility>

#include "server/grpc/convert.h"
#include "server/grpc/unary_call.h"
#include "server/handlers/describe.h"

namespace dnnd::server {

namespace {

// Views of the message.
InferRequest ToRequest(const v1::PredictRequest& message) {
  InferRequest request;
  request.model = ToReference(message.model());
  for (const auto& [name, tensor] : message.inputs()) {
    request.inputs.push_back({name, FromProto(tensor.data_type()),
                              absl::MakeConstSpan(tensor.shape().data(), tensor.shape().size()),
                              tensor.contents()});
  }
  request.outputs.assign(message.outputs().begin(), message.outputs().end());
  return request;
}

void Fill(const InferResponse& response, v1::PredictResponse& message) {
  *message.mutable_model() = ToSpec(*response.model);
  for (const auto& [name, tensor] : response.outputs) {
    v1::Tensor& out = (*message.mutable_outputs())[name];
    out.set_data_type(ToProto(tensor.type()));
    for (const int64_t extent : tensor.shape().dims()) {
      out.add_shape(extent);
    }
    out.set_contents(tensor.view().raw(), tensor.num_bytes());
  }
  *message.mutable_timings() = ToProto(response.timings);
}

}  // namespace

grpc::ServerUnaryReactor* PredictService::Predict(grpc::CallbackServerContext* context,
                                                  const v1::PredictRequest* request,
                                                  v1::PredictResponse* response) {
  auto* call = new UnaryCall(context);
  handler_.Predict(call->call(), ToRequest(*request),
                   Answering<InferResponse>(
                       call, [response](InferResponse& result) { Fill(result, *response); }));
  return call;
}

}  // namespace dnnd::server
