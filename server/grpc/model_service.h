// dnnd.v1.ModelService on the wire.
#ifndef DNND_SERVER_GRPC_MODEL_SERVICE_H_
#define DNND_SERVER_GRPC_MODEL_SERVICE_H_

#include "dnnd/v1/models.grpc.pb.h"
#include "server/handlers/model_handler.h"

namespace dnnd::server {

// Thread-safe. The handler outlives it.
class ModelService final : public v1::ModelService::CallbackService {
 public:
  explicit ModelService(ModelHandler& handler) : handler_(handler) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context,
                                       const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context,
                                     const v1::GetModelRequest* request,
                                     v1::GetModelResponse* response) override;
  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context,
                                      const v1::LoadModelRequest* request,
                                      v1::LoadModelResponse* response) override;
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* context,
                                        const v1::UnloadModelRequest* request,
                                        v1::UnloadModelResponse* response) override;
  grpc::ServerUnaryReactor* ReloadModel(grpc::CallbackServerContext* context,
                                        const v1::ReloadModelRequest* request,
                                        v1::ReloadModelResponse* response) override;
  grpc::ServerUnaryReactor* SetVersionLabel(grpc::CallbackServerContext* context,
                                            const v1::SetVersionLabelRequest* request,
                                            v1::SetVersionLabelResponse* response) override;

 private:
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Apply(ModelHandler::Change change, grpc::CallbackServerContext* context,
                                  const Request& request, Response* response);

  ModelHandler& handler_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_MODEL_SERVICE_H_
