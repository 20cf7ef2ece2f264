#include "server/grpc/vision_service.h"

#include <utility>
#include <vector>

#include "server/grpc/convert.h"
#include "server/grpc/unary_call.h"
#include "server/grpc/vision_convert.h"

namespace dnnd::server {

namespace {

// The question of a unary request: model, options and all pictures.
template <typename Message>
auto ToPicturesRequest(const Message& message) {
  auto request = ToRequest(message.model(), message.options());
  for (const v1::Image& image : message.images()) {
    request.images.push_back(ToInput(image));
  }
  return request;
}

template <typename Response, typename Message>
void FillAll(Response& response, Message& message) {
  *message.mutable_model() = ToSpec(*response.model);
  for (size_t i = 0; i < response.results.size(); ++i) {
    FillResult(response, i, *message.add_results());
  }
  *message.mutable_timings() = ToProto(response.timings);
}

}  // namespace

VisionService::VisionService(const InferenceServices& services)
    : classify_(services, Method::kClassify),
      detect_(services, Method::kDetect),
      segment_(services, Method::kSegment),
      perceive_(services, Method::kPerceive) {}

grpc::ServerUnaryReactor* VisionService::Classify(grpc::CallbackServerContext* context,
                                                  const v1::ClassifyRequest* request,
                                                  v1::ClassifyResponse* response) {
  auto* call = new UnaryCall(context);
  classify_.Classify(call->call(), ToPicturesRequest(*request),
                     Answering<ClassifyResponse>(call, [response](ClassifyResponse& result) {
                       FillAll(result, *response);
                     }));
  return call;
}

grpc::ServerUnaryReactor* VisionService::Detect(grpc::CallbackServerContext* context,
                                                const v1::DetectRequest* request,
                                                v1::DetectResponse* response) {
  auto* call = new UnaryCall(context);
  detect_.Detect(call->call(), ToPicturesRequest(*request),
                 Answering<DetectResponse>(
                     call, [response](DetectResponse& result) { FillAll(result, *response); }));
  return call;
}

grpc::ServerUnaryReactor* VisionService::Segment(grpc::CallbackServerContext* context,
                                                 const v1::SegmentRequest* request,
                                                 v1::SegmentResponse* response) {
  auto* call = new UnaryCall(context);
  segment_.Segment(call->call(), ToPicturesRequest(*request),
                   Answering<SegmentResponse>(
                       call, [response](SegmentResponse& result) { FillAll(result, *response); }));
  return call;
}

grpc::ServerUnaryReactor* VisionService::Perceive(grpc::CallbackServerContext* context,
                                                  const v1::PerceiveRequest* request,
                                                  v1::PerceiveResponse* response) {
  auto* call = new UnaryCall(context);
  perceive_.Perceive(call->call(), ToRequest(request->image(), request->tasks()),
                     Answering<PerceiveResponse>(
                         call, [response](PerceiveResponse& result) { Fill(result, *response); }));
  return call;
}

}  // namespace dnnd::server
