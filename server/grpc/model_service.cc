#include "server/grpc/model_service.h"

#include <optional>
#include <utility>

#include "server/grpc/unary_call.h"

namespace dnnd::server {

namespace {

template <typename Request>
std::optional<int64_t> VersionOf(const Request& request) {
  return request.has_version() ? std::optional<int64_t>(request.version()) : std::nullopt;
}

}  // namespace

grpc::ServerUnaryReactor* ModelService::ListModels(grpc::CallbackServerContext* context,
                                                   const v1::ListModelsRequest*,
                                                   v1::ListModelsResponse* response) {
  auto* call = new UnaryCall(context);
  *response = handler_.List(call->call());
  call->Answer(absl::OkStatus());
  return call;
}

grpc::ServerUnaryReactor* ModelService::GetModel(grpc::CallbackServerContext* context,
                                                 const v1::GetModelRequest* request,
                                                 v1::GetModelResponse* response) {
  auto* call = new UnaryCall(context);
  absl::StatusOr<v1::Model> model =
      handler_.Get(call->call(), request->name(), VersionOf(*request));
  if (model.ok()) {
    *response->mutable_model() = std::move(*model);
  }
  call->Answer(model.status());
  return call;
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* ModelService::Apply(ModelHandler::Change change,
                                              grpc::CallbackServerContext* context,
                                              const Request& request, Response* response) {
  auto* call = new UnaryCall(context);
  const bool wait = !request.has_wait() || request.wait();
  handler_.Apply(call->call(), {change, request.name(), VersionOf(request), wait},
                 Answering<v1::Model>(call, [response](v1::Model& model) {
                   *response->mutable_model() = std::move(model);
                 }));
  return call;
}

grpc::ServerUnaryReactor* ModelService::LoadModel(grpc::CallbackServerContext* context,
                                                  const v1::LoadModelRequest* request,
                                                  v1::LoadModelResponse* response) {
  return Apply(ModelHandler::Change::kLoad, context, *request, response);
}

grpc::ServerUnaryReactor* ModelService::UnloadModel(grpc::CallbackServerContext* context,
                                                    const v1::UnloadModelRequest* request,
                                                    v1::UnloadModelResponse* response) {
  return Apply(ModelHandler::Change::kUnload, context, *request, response);
}

grpc::ServerUnaryReactor* ModelService::ReloadModel(grpc::CallbackServerContext* context,
                                                    const v1::ReloadModelRequest* request,
                                                    v1::ReloadModelResponse* response) {
  return Apply(ModelHandler::Change::kReload, context, *request, response);
}

grpc::ServerUnaryReactor* ModelService::SetVersionLabel(grpc::CallbackServerContext* context,
                                                        const v1::SetVersionLabelRequest* request,
                                                        v1::SetVersionLabelResponse* response) {
  auto* call = new UnaryCall(context);
  absl::StatusOr<v1::Model> model =
      handler_.SetLabel(call->call(), {request->name(), request->label(), VersionOf(*request)});
  if (model.ok()) {
    *response->mutable_model() = std::move(*model);
  }
  call->Answer(model.status());
  return call;
}

}  // namespace dnnd::server
