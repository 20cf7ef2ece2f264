#include "server/grpc/health_service.h"

#include <optional>

namespace dnnd::server {

// One stream. Deletes itself when gRPC is done with it. All state is guarded by the service's
// mutex; gRPC never runs a reaction to a write on the thread that starts it, so that writes may be
// started under the mutex.
class HealthService::Watcher final : public grpc::ServerWriteReactor<Response> {
 public:
  Watcher(HealthService& service, std::string name) : service_(service), name_(std::move(name)) {
    absl::MutexLock lock(&service_.mutex_);
    service_.watchers_.insert(this);
    Tell();
  }

  const std::string& name() const { return name_; }

  // Sends the status now, or after the write that is under way. A status that was overtaken before
  // it could be sent is never sent.
  void Tell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_.mutex_) {
    if (writing_ || finished_) {
      return;
    }
    const Response::ServingStatus status = service_.StatusOf(name_);
    if (status != sent_) {
      sent_ = status;
      writing_ = true;
      response_.set_status(status);
      StartWrite(&response_);
    } else if (service_.draining_) {
      FinishOnce(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is going down"));
    }
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&service_.mutex_);
    writing_ = false;
    if (ok) {
      Tell();
    } else {
      FinishOnce(grpc::Status::CANCELLED);
    }
  }

  void OnCancel() override {
    absl::MutexLock lock(&service_.mutex_);
    FinishOnce(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    {
      absl::MutexLock lock(&service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_.mutex_) {
    if (!finished_) {
      finished_ = true;
      Finish(status);
    }
  }

  HealthService& service_;
  const std::string name_;
  Response response_;
  std::optional<Response::ServingStatus> sent_;
  bool writing_ = false;
  bool finished_ = false;
};

void HealthService::Set(const std::string& name, bool serving) {
  absl::MutexLock lock(&mutex_);
  serving_[name] = serving;
  Notify(name);
}

void HealthService::Remove(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  serving_.erase(name);
  Notify(name);
}

void HealthService::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  for (Watcher* watcher : watchers_) {
    watcher->Tell();
  }
}

HealthService::Response::ServingStatus HealthService::StatusOf(const std::string& name) const {
  const auto found = serving_.find(name);
  if (found == serving_.end()) {
    return Response::SERVICE_UNKNOWN;
  }
  return found->second && !draining_ ? Response::SERVING : Response::NOT_SERVING;
}

void HealthService::Notify(const std::string& name) {
  for (Watcher* watcher : watchers_) {
    if (watcher->name() == name) {
      watcher->Tell();
    }
  }
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const grpc::health::v1::HealthCheckRequest* request,
                                               Response* response) {
  Response::ServingStatus status;
  {
    absl::MutexLock lock(&mutex_);
    status = StatusOf(request->service());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (status == Response::SERVICE_UNKNOWN) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "no service has this name"));
  } else {
    response->set_status(status);
    reactor->Finish(grpc::Status::OK);
  }
  return reactor;
}

grpc::ServerWriteReactor<HealthService::Response>* HealthService::Watch(
    grpc::CallbackServerContext*, const grpc::health::v1::HealthCheckRequest* request) {
  return new Watcher(*this, request->service());
}

}  // namespace dnnd::server
