// The gRPC listener with all of its services.
#ifndef DNND_SERVER_GRPC_GRPC_SERVER_H_
#define DNND_SERVER_GRPC_GRPC_SERVER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/config/options.h"
#include "server/grpc/connection_listener.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace dnnd::server {

// Thread-safe, but for Shutdown.
class GrpcServer {
 public:
  // Answers those who connect to `listener` from now on. `listener` and `services` outlive it.
  // INTERNAL when gRPC does not start.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Create(
      ConnectionListener& listener, const LimitOptions& limits,
      const std::vector<grpc::Service*>& services);
  ~GrpcServer();

  // With the port that was taken.
  const Address& address() const { return listener_.address(); }

  // Closes the port, lets calls finish for at most `bound`, then cuts them off. Blocks.
  void Shutdown(absl::Duration bound);

 private:
  explicit GrpcServer(ConnectionListener& listener);

  ConnectionListener& listener_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_GRPC_SERVER_H_
