// A small gRPC server for tests of the client: real connections and real services, answers from
// memory.
#ifndef DNND_TESTS_CLIENT_FAKE_DAEMON_H_
#define DNND_TESTS_CLIENT_FAKE_DAEMON_H_

#include <dnnd/v1/admin.grpc.pb.h>
#include <dnnd/v1/models.grpc.pb.h>
#include <dnnd/v1/predict.grpc.pb.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/client/fake_vision.h"
#include "tests/client/refusal.h"

namespace dnnd::client {

inline grpc::Status NoModel(const std::string& name) {
  return Refusal(grpc::StatusCode::NOT_FOUND, "model \"" + name + "\" not found",
                 "MODEL_NOT_FOUND");
}

// Model "lenet": input "x" fp32 [N, 2], output "y" fp32 [N, 2]; version 2 is ready, version 1
// failed, and "stable" names version 2.
inline dnnd::v1::Model Lenet() {
  dnnd::v1::Model model;
  model.set_name("lenet");
  model.set_serving_version(2);
  (*model.mutable_version_labels())["stable"] = 2;
  dnnd::v1::ModelVersion* version = model.add_versions();
  version->set_version(2);
  version->set_state(dnnd::v1::ModelVersion::READY);
  version->set_task(dnnd::v1::ModelConfig::CLASSIFY);
  version->set_precision(dnnd::v1::ModelConfig::F32);
  version->set_weights_bytes(1200000);
  version->set_load_duration_ms(12.5);
  version->set_label_count(10);
  auto* preprocess = version->mutable_config()->mutable_preprocess();
  preprocess->set_color(dnnd::v1::Preprocess::BGR);
  preprocess->add_mean(104);
  preprocess->add_mean(117);
  version->add_assumed("the task is CLASSIFY: one output of 10 scores");
  auto* signature = version->mutable_signature();
  for (dnnd::v1::TensorSpec* spec : {signature->add_inputs(), signature->add_outputs()}) {
    spec->set_data_type(dnnd::v1::DATA_TYPE_FP32);
    spec->add_shape()->set_symbol("N");
    spec->add_shape()->set_size(2);
    spec->set_batch_axis(0);
  }
  signature->mutable_inputs(0)->set_name("x");
  signature->mutable_outputs(0)->set_name("y");
  dnnd::v1::ModelVersion* failed = model.add_versions();
  failed->set_version(1);
  failed->set_state(dnnd::v1::ModelVersion::UNAVAILABLE);
  failed->set_reason("operator GridSample is not supported");
  return model;
}

class FakeModels final : public dnnd::v1::ModelService::Service {
 public:
  grpc::Status ListModels(grpc::ServerContext*, const dnnd::v1::ListModelsRequest*,
                          dnnd::v1::ListModelsResponse* reply) override {
    *reply->add_models() = Lenet();
    return grpc::Status::OK;
  }
  grpc::Status GetModel(grpc::ServerContext*, const dnnd::v1::GetModelRequest* request,
                        dnnd::v1::GetModelResponse* reply) override {
    if (request->name() != "lenet") return NoModel(request->name());
    *reply->mutable_model() = Lenet();
    reply->mutable_model()->mutable_versions(0)->set_task(task);
    return grpc::Status::OK;
  }
  grpc::Status LoadModel(grpc::ServerContext*, const dnnd::v1::LoadModelRequest* request,
                         dnnd::v1::LoadModelResponse* reply) override {
    if (request->name() != "lenet") return NoModel(request->name());
    *reply->mutable_model() = Lenet();
    absl::MutexLock lock(&mutex_);
    last_load_ = *request;
    return grpc::Status::OK;
  }

  grpc::Status SetVersionLabel(grpc::ServerContext*,
                               const dnnd::v1::SetVersionLabelRequest* request,
                               dnnd::v1::SetVersionLabelResponse* reply) override {
    if (request->name() != "lenet") return NoModel(request->name());
    *reply->mutable_model() = Lenet();
    if (request->has_version()) {
      (*reply->mutable_model()->mutable_version_labels())[request->label()] = request->version();
    } else {
      reply->mutable_model()->mutable_version_labels()->erase(request->label());
    }
    return grpc::Status::OK;
  }

  dnnd::v1::LoadModelRequest last_load() {
    absl::MutexLock lock(&mutex_);
    return last_load_;
  }

  // Of version 2, as GetModel tells it.
  std::atomic<dnnd::v1::ModelConfig::Task> task = dnnd::v1::ModelConfig::CLASSIFY;

 private:
  absl::Mutex mutex_;
  dnnd::v1::LoadModelRequest last_load_ ABSL_GUARDED_BY(mutex_);
};

// Echoes x as y. A model "slow" answers once the call was given up, "full" refuses.
class FakePredict final : public dnnd::v1::PredictService::Service {
 public:
  grpc::Status Predict(grpc::ServerContext* context, const dnnd::v1::PredictRequest* request,
                       dnnd::v1::PredictResponse* reply) override {
    ++calls;
    if (full)
      return Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full", "QUEUE_FULL");
    if (context->client_metadata().count("x-request-id") > 0) ++calls_with_id;
    *reply->mutable_model() = request->model();
    reply->mutable_model()->set_version(2);
    (*reply->mutable_outputs())["y"] = request->inputs().at("x");
    reply->mutable_timings()->set_batch_size(4);
    reply->mutable_timings()->set_queue_ms(1);
    return grpc::Status::OK;
  }

  std::atomic<int> calls = 0;
  std::atomic<int> calls_with_id = 0;
  std::atomic<bool> full = false;
};

class FakeAdmin final : public dnnd::v1::AdminService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext*, const dnnd::v1::GetStatusRequest*,
                         dnnd::v1::GetStatusResponse* reply) override {
    reply->set_version("0.1.0");
    reply->set_ready(true);
    return grpc::Status::OK;
  }
  grpc::Status GetConfig(grpc::ServerContext* context, const dnnd::v1::GetConfigRequest*,
                         dnnd::v1::GetConfigResponse* reply) override {
    reply->mutable_config()->set_drain_seconds(25);
    return grpc::Status::OK;
  }
};

// "" is SERVING, "lenet" NOT_SERVING; a watch of "" sees two changes and then its end.
class FakeHealth final : public grpc::health::v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* reply) override {
    if (request->service() == "slow") {
      AwaitCancellation(*context);
      return grpc::Status::CANCELLED;
    }
    reply->set_status(request->service().empty()
                          ? grpc::health::v1::HealthCheckResponse::SERVING
                          : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::ServerWriter<grpc::health::v1::HealthCheckResponse>* writer) override {
    grpc::health::v1::HealthCheckResponse reply;
    reply.set_status(grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    writer->Write(reply);
    reply.set_status(grpc::health::v1::HealthCheckResponse::SERVING);
    writer->Write(reply);
    if (request->service() == "slow") AwaitCancellation(*context);
    return grpc::Status::OK;
  }

 private:
  // Until the client gives up.
  static void AwaitCancellation(const grpc::ServerContext& context) {
    bool never = false;
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    while (!context.IsCancelled()) {
      mutex.AwaitWithTimeout(absl::Condition(&never), absl::Milliseconds(5));
    }
  }
};

class FakeDaemon {
 public:
  FakeDaemon() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&models);
    builder.RegisterService(&predict);
    builder.RegisterService(&vision);
    builder.RegisterService(&admin);
    builder.RegisterService(&health);
    builder.SetMaxReceiveMessageSize(64 << 20);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }

  const std::string& address() const { return address_; }

  FakeModels models;
  FakePredict predict;
  FakeVision vision;
  FakeAdmin admin;
  FakeHealth health;

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace dnnd::client

#endif  // DNND_TESTS_CLIENT_FAKE_DAEMON_H_
