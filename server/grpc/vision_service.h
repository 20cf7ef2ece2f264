// dnnd.v1.VisionService on the wire.
#ifndef DNND_SERVER_GRPC_VISION_SERVICE_H_
#define DNND_SERVER_GRPC_VISION_SERVICE_H_

#include "dnnd/v1/vision.grpc.pb.h"
#include "server/handlers/classify_handler.h"
#include "server/handlers/detect_handler.h"
#include "server/handlers/perceive_handler.h"
#include "server/handlers/segment_handler.h"

namespace dnnd::server {

// Thread-safe. `services` outlives it.
class VisionService final : public v1::VisionService::CallbackService {
 public:
  explicit VisionService(const InferenceServices& services);

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

 private:
  const ClassifyHandler classify_;
  const DetectHandler detect_;
  const SegmentHandler segment_;
  const PerceiveHandler perceive_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_VISION_SERVICE_H_
