// dnnd.v1.VisionService on the wire.
#ifndef DNND_SERVER_GRPC_VISION_SERVICE_H_
#define DNND_SERVER_GRPC_VISION_SERVICE_H_

#include "dnnd/v1/vision.grpc.pb.h"
#include "server/handlers/classify_handler.h"

namespace dnnd::server {

// Thread-safe. The handler outlives it.
class VisionService final : public v1::VisionService::CallbackService {
 public:
  explicit VisionService(ClassifyHandler& classify) : classify_(classify) {}

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context,
                                     const v1::ClassifyRequest* request,
                                     v1::ClassifyResponse* response) override;

 private:
  ClassifyHandler& classify_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_VISION_SERVICE_H_
