// dnnd.v1.VisionService on the wire.
#ifndef DNND_SERVER_GRPC_VISION_SERVICE_H_
#define DNND_SERVER_GRPC_VISION_SERVICE_H_

#include "dnnd/v1/vision.grpc.pb.h"
#include "server/grpc/stream_call.h"
#include "server/handlers/classify_handler.h"
#include "server/handlers/detect_handler.h"
#include "server/handlers/frame_streams.h"
#include "server/handlers/perceive_handler.h"
#include "server/handlers/segment_handler.h"

namespace dnnd::server {

// Requests as messages, streams as their bytes (see StreamReactor).
template <typename Base>
using WithVisionRequests = v1::VisionService::WithCallbackMethod_Classify<
    v1::VisionService::WithCallbackMethod_Detect<v1::VisionService::WithCallbackMethod_Segment<
        v1::VisionService::WithCallbackMethod_Perceive<Base>>>>;
template <typename Base>
using WithVisionStreams = v1::VisionService::WithRawCallbackMethod_StreamClassify<
    v1::VisionService::WithRawCallbackMethod_StreamDetect<
        v1::VisionService::WithRawCallbackMethod_StreamSegment<
            v1::VisionService::WithRawCallbackMethod_StreamPerceive<Base>>>>;

// Thread-safe. `services` and `streams` outlive it.
class VisionService final
    : public WithVisionRequests<WithVisionStreams<v1::VisionService::Service>> {
 public:
  VisionService(const InferenceServices& services, FrameStreams& streams);

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context,
                                     const v1::ClassifyRequest* request,
                                     v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Detect(grpc::CallbackServerContext* context,
                                   const v1::DetectRequest* request,
                                   v1::DetectResponse* response) override;
  grpc::ServerUnaryReactor* Segment(grpc::CallbackServerContext* context,
                                    const v1::SegmentRequest* request,
                                    v1::SegmentResponse* response) override;
  grpc::ServerUnaryReactor* Perceive(grpc::CallbackServerContext* context,
                                     const v1::PerceiveRequest* request,
                                     v1::PerceiveResponse* response) override;

  StreamReactor* StreamClassify(grpc::CallbackServerContext* context) override;
  StreamReactor* StreamDetect(grpc::CallbackServerContext* context) override;
  StreamReactor* StreamSegment(grpc::CallbackServerContext* context) override;
  StreamReactor* StreamPerceive(grpc::CallbackServerContext* context) override;

 private:
  // Those of a request each, and those of a stream's frames.
  struct Handlers {
    ClassifyHandler classify;
    DetectHandler detect;
    SegmentHandler segment;
    PerceiveHandler perceive;
  };
  const Handlers unary_;
  const Handlers stream_;
  const int max_images_;
  FrameStreams& streams_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_VISION_SERVICE_H_
