// dnnd.v1.VisionService on the wire.
#ifndef DNND_SERVER_GRPC_VISION_SERVICE_H_
#define DNND_SERVER_GRPC_VISION_SERVICE_H_

#include "dnnd/v1/vision.grpc.pb.h"
#include "server/handlers/classify_handler.h"
#include "server/handlers/detect_handler.h"
#include "server/handlers/segment_handler.h"

namespace dnnd::server {

// Thread-safe. The handlers outlive it.
class VisionService final : public v1::VisionService::CallbackService {
 public:
  VisionService(ClassifyHandler& classify, DetectHandler& detect, SegmentHandler& segment)
      : classify_(classify), detect_(detect), segment_(segment) {}

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context,
                                     const v1::ClassifyRequest* request,
                                     v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Detect(grpc::CallbackServerContext* context,
                                   const v1::DetectRequest* request,
                                   v1::DetectResponse* response) override;
  grpc::ServerUnaryReactor* Segment(grpc::CallbackServerContext* context,
                                    const v1::SegmentRequest* request,
                                    v1::SegmentResponse* response) override;

 private:
  ClassifyHandler& classify_;
  DetectHandler& detect_;
  SegmentHandler& segment_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_VISION_SERVICE_H_
