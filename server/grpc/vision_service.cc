#include "server/grpc/vision_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/grpc/convert.h"
#include "server/grpc/unary_call.h"
#include "server/grpc/vision_convert.h"

namespace dnnd::server {

namespace {

// The question of a unary request: model, options and pictures; of these at most one more than
// there may be, for a message may hold millions of empty ones.
template <typename Message>
auto ToPicturesRequest(const Message& message, int max_images) {
  auto request = ToRequest(message.model(), message.options());
  const int count = std::min(message.images_size(), max_images + 1);
  for (int i = 0; i < count; ++i) {
    request.images.push_back(ToInput(message.images(i)));
  }
  return request;
}

template <typename Result, typename Message>
void FillAll(Result& result, Message& message) {
  *message.mutable_model() = ToSpec(*result.model);
  for (size_t i = 0; i < result.results.size(); ++i) {
    FillResult(result, i, *message.add_results());
  }
  *message.mutable_timings() = ToProto(result.timings);
}

// Answers a call about pictures by a handler's task.
template <typename Handler, typename Request, typename Response>
grpc::ServerUnaryReactor* AnswerPictures(const Handler& handler, int max_images,
                                         grpc::CallbackServerContext* context,
                                         const Request& request, Response* response) {
  auto* call = new UnaryCall(context);
  handler
      .MakeTask(call->call(), ToPicturesRequest(request, max_images),
                [call, response](auto result) {
                  if (result.ok()) {
                    FillAll(*result, *response);
                  }
                  call->Answer(result.status());
                })
      ->Start();
  return call;
}

// A stream whose frames a handler's task answers, each by itself.
template <typename Request, typename Response, typename Handler>
StreamReactor* AnswerFrames(const Handler& handler, Method method,
                            grpc::CallbackServerContext* context, FrameStreams& streams) {
  return new StreamCall<Request, Response>(
      context, method, streams,
      [&handler](const Call& call, const Request& question, Response* response, FrameDone done) {
        auto request = ToRequest(question.model(), question.options());
        request.images = {ToInput(question.frame().image())};
        handler
            .MakeTask(call, std::move(request),
                      [response, done = std::move(done)](auto result) {
                        if (result.ok()) {
                          *response->mutable_model() = ToSpec(*result->model);
                          FillResult(*result, 0, *response->mutable_result());
                          *response->mutable_timings() = ToProto(result->timings);
                        }
                        done(result.status());
                      })
            ->Start();
      });
}

}  // namespace

VisionService::VisionService(const InferenceServices& services, FrameStreams& streams)
    : unary_{{services, Method::kClassify},
             {services, Method::kDetect},
             {services, Method::kSegment},
             {services, Method::kPerceive}},
      stream_{{services, Method::kStreamClassify},
              {services, Method::kStreamDetect},
              {services, Method::kStreamSegment},
              {services, Method::kStreamPerceive}},
      max_images_(services.limits.max_images_per_request),
      streams_(streams) {}

grpc::ServerUnaryReactor* VisionService::Classify(grpc::CallbackServerContext* context,
                                                  const v1::ClassifyRequest* request,
                                                  v1::ClassifyResponse* response) {
  return AnswerPictures(unary_.classify, max_images_, context, *request, response);
}

grpc::ServerUnaryReactor* VisionService::Detect(grpc::CallbackServerContext* context,
                                                const v1::DetectRequest* request,
                                                v1::DetectResponse* response) {
  return AnswerPictures(unary_.detect, max_images_, context, *request, response);
}

grpc::ServerUnaryReactor* VisionService::Segment(grpc::CallbackServerContext* context,
                                                 const v1::SegmentRequest* request,
                                                 v1::SegmentResponse* response) {
  return AnswerPictures(unary_.segment, max_images_, context, *request, response);
}

grpc::ServerUnaryReactor* VisionService::Perceive(grpc::CallbackServerContext* context,
                                                  const v1::PerceiveRequest* request,
                                                  v1::PerceiveResponse* response) {
  auto* call = new UnaryCall(context);
  unary_.perceive.Perceive(call->call(), ToRequest(request->image(), request->tasks()),
                           Answering<PerceiveResponse>(call, [response](PerceiveResponse& result) {
                             Fill(result, *response);
                           }));
  return call;
}

StreamReactor* VisionService::StreamClassify(grpc::CallbackServerContext* context) {
  return AnswerFrames<v1::StreamClassifyRequest, v1::StreamClassifyResponse>(
      stream_.classify, Method::kStreamClassify, context, streams_);
}

StreamReactor* VisionService::StreamDetect(grpc::CallbackServerContext* context) {
  return AnswerFrames<v1::StreamDetectRequest, v1::StreamDetectResponse>(
      stream_.detect, Method::kStreamDetect, context, streams_);
}

StreamReactor* VisionService::StreamSegment(grpc::CallbackServerContext* context) {
  return AnswerFrames<v1::StreamSegmentRequest, v1::StreamSegmentResponse>(
      stream_.segment, Method::kStreamSegment, context, streams_);
}

StreamReactor* VisionService::StreamPerceive(grpc::CallbackServerContext* context) {
  return new StreamCall<v1::StreamPerceiveRequest, v1::StreamPerceiveResponse>(
      context, Method::kStreamPerceive, streams_,
      [this](const Call& call, const v1::StreamPerceiveRequest& question,
             v1::StreamPerceiveResponse* response, FrameDone done) {
        stream_.perceive.Perceive(
            call, ToRequest(question.frame().image(), question.tasks()),
            [response, done = std::move(done)](absl::StatusOr<PerceiveResponse> result) {
              if (result.ok()) {
                Fill(*result, *response->mutable_result());
              }
              done(result.status());
            });
      });
}

}  // namespace dnnd::server
