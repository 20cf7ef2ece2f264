// grpc.health.v1: "" is the daemon as a whole, and each model has its own name. gRPC brings a
// health service of its own, which reflection cannot describe; this one it can, so that any client
// can call it.
#ifndef DNND_SERVER_GRPC_HEALTH_SERVICE_H_
#define DNND_SERVER_GRPC_HEALTH_SERVICE_H_

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace dnnd::server {

// Thread-safe. Must outlive the server that it is registered with.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using Response = grpc::health::v1::HealthCheckResponse;

  // Makes `name` known, and tells those who watch it.
  void Set(const std::string& name, bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  // Makes `name` unknown again.
  void Remove(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  // Everything is NOT_SERVING from now on, whatever Set says; streams are told so and then end.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  Response* response) override;
  grpc::ServerWriteReactor<Response>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;

  // SERVICE_UNKNOWN for a name that is not known.
  Response::ServingStatus StatusOf(const std::string& name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Notify(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);
  std::set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_HEALTH_SERVICE_H_
