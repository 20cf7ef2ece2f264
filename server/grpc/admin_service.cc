#include "server/grpc/admin_service.h"

#include "server/grpc/unary_call.h"

namespace dnnd::server {

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* context,
                                                  const v1::GetStatusRequest*,
                                                  v1::GetStatusResponse* response) {
  auto* call = new UnaryCall(context);
  *response = handler_.Status(call->call());
  call->Answer(absl::OkStatus());
  return call;
}

grpc::ServerUnaryReactor* AdminService::GetConfig(grpc::CallbackServerContext* context,
                                                  const v1::GetConfigRequest*,
                                                  v1::GetConfigResponse* response) {
  auto* call = new UnaryCall(context);
  *response = handler_.Config(call->call());
  call->Answer(absl::OkStatus());
  return call;
}

}  // namespace dnnd::server
