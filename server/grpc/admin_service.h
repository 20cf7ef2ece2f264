// dnnd.v1.AdminService on the wire.
#ifndef DNND_SERVER_GRPC_ADMIN_SERVICE_H_
#define DNND_SERVER_GRPC_ADMIN_SERVICE_H_

#include "dnnd/v1/admin.grpc.pb.h"
#include "server/handlers/admin_handler.h"

namespace dnnd::server {

// Thread-safe. The handler outlives it.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  explicit AdminService(const AdminHandler& handler) : handler_(handler) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const v1::GetConfigRequest* request,
                                      v1::GetConfigResponse* response) override;

 private:
  const AdminHandler& handler_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_ADMIN_SERVICE_H_
