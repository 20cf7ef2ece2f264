// A whole daemon inside the test, on free ports, with the smallest of the built-in models.
#ifndef DNND_TESTS_SERVER_DAEMON_RUNNING_SERVER_H_
#define DNND_TESTS_SERVER_DAEMON_RUNNING_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "dnnd/v1/admin.grpc.pb.h"
#include "dnnd/v1/models.grpc.pb.h"
#include "dnnd/v1/predict.grpc.pb.h"
#include "dnnd/v1/vision.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/daemon/server.h"
#include "tests/testing/image_files.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {

// Loading the small model, on a busy machine and under a sanitizer.
inline constexpr absl::Duration kReadyPatience = absl::Minutes(4);

inline std::string Picture(const std::string& name) {
  return testing::ReadFile(absl::StrCat(DNND_MODELS_DIR, "/pictures/", name));
}

// The detail of type Message that an error carries; an empty one when it has none.
template <typename Message>
Message DetailOf(const grpc::Status& status) {
  google::rpc::Status rpc;
  rpc.ParseFromString(status.error_details());
  Message message;
  for (const auto& detail : rpc.details()) {
    if (detail.Is<Message>()) {
      detail.UnpackTo(&message);
    }
  }
  return message;
}

inline std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

class RunningServer : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_.path() + "/store");
    std::filesystem::copy(DNND_MODELS_DIR "/store/shapes", folder_.path() + "/store/shapes",
                          std::filesystem::copy_options::recursive);
    auto server = Server::Create(Options(), DNND_PROGRAM);
    ASSERT_THAT(server, testing::IsOk());
    server_ = *std::move(server);
    Connect();
    WaitUntilReady();
  }

  ServerOptions Options() const {
    v1::ServerConfig config;
    config.set_grpc_address("127.0.0.1:0");
    config.set_http_address("127.0.0.1:0");
    config.set_model_store(folder_.path() + "/store");
    config.set_state_dir(folder_.path() + "/state");
    config.set_ready_file(folder_.path() + "/ready.json");
    config.set_model_poll_interval_ms(0);
    config.mutable_log()->set_level(v1::ServerConfig::Log::ERROR);
    config.set_drain_seconds(60);
    return ValidateServerConfig(config).value();
  }

  void Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    channel_ = grpc::CreateCustomChannel(server_->grpc_address().ToString(),
                                         grpc::InsecureChannelCredentials(), arguments);
    vision_ = v1::VisionService::NewStub(channel_);
    predict_ = v1::PredictService::NewStub(channel_);
    models_ = v1::ModelService::NewStub(channel_);
    admin_ = v1::AdminService::NewStub(channel_);
  }

  void WaitUntilReady() const {
    const absl::Time end = absl::Now() + kReadyPatience;
    while (!std::filesystem::exists(folder_.path() + "/ready.json")) {
      ASSERT_LT(absl::Now(), end) << "the models did not get ready";
      std::this_thread::yield();
    }
  }

  // A request of one picture.
  static v1::ClassifyRequest Ask(const std::string& encoded, const std::string& model = "shapes") {
    v1::ClassifyRequest request;
    request.mutable_model()->set_name(model);
    request.add_images()->set_encoded(encoded);
    return request;
  }

  grpc::Status Classify(const v1::ClassifyRequest& request,
                        v1::ClassifyResponse* response = nullptr) const {
    grpc::ClientContext context;
    v1::ClassifyResponse ignored;
    return vision_->Classify(&context, request, response == nullptr ? &ignored : response);
  }

  testing::TempDir folder_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::VisionService::Stub> vision_;
  std::unique_ptr<v1::PredictService::Stub> predict_;
  std::unique_ptr<v1::ModelService::Stub> models_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace dnnd::server

#endif  // DNND_TESTS_SERVER_DAEMON_RUNNING_SERVER_H_
