// dnnd.v1.PredictService on the wire.
#ifndef DNND_SERVER_GRPC_PREDICT_SERVICE_H_
#define DNND_SERVER_GRPC_PREDICT_SERVICE_H_

#include "dnnd/v1/predict.grpc.pb.h"
#include "server/handlers/predict_handler.h"

namespace dnnd::server {

// Thread-safe. The handler outlives it.
class PredictService final : public v1::PredictService::CallbackService {
 public:
  explicit PredictService(PredictHandler& handler) : handler_(handler) {}

  grpc::ServerUnaryReactor* Predict(grpc::CallbackServerContext* context,
                                    const v1::PredictRequest* request,
                                    v1::PredictResponse* response) override;

 private:
  PredictHandler& handler_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_PREDICT_SERVICE_H_
