#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/server/daemon/running_server.h"

namespace dnnd::server {
namespace {

using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::AnyOf;
using ::testing::HasSubstr;

using LifeTest = RunningServer;

TEST_F(LifeTest, WritesWhereItIsOnceItsModelsAreReady) {
  const std::string ready = testing::ReadFile(folder_.path() + "/ready.json");
  EXPECT_EQ(ready, absl::StrCat("{\"grpc_address\":\"", server_->grpc_address().ToString(),
                                "\",\"http_address\":\"", server_->http_address().ToString(),
                                "\",\"pid\":", getpid(), "}\n"));
}

TEST_F(LifeTest, RefusesASecondDaemonOnItsStateOrItsPorts) {
  EXPECT_THAT(Server::Create(Options(), DNND_PROGRAM).status(),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("state")));
  ServerOptions other = Options();
  other.store.state_dir += "-other";
  other.listen.grpc = server_->grpc_address();
  EXPECT_THAT(Server::Create(other, DNND_PROGRAM).status(),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("another dnnd")));
  other.listen.grpc.port = 0;
  other.listen.http = server_->http_address();
  EXPECT_THAT(
      Server::Create(other, DNND_PROGRAM).status(),
      testing::StatusIs(absl::StatusCode::kUnavailable, HasSubstr(other.listen.http.ToString())));
}

TEST_F(LifeTest, WhatCanBeKnownToFailFailsBeforeItListens) {
  ServerOptions other = Options();
  other.store.state_dir += "-other";
  // Refused first, were it tried at all.
  other.listen.grpc = server_->grpc_address();
  ServerOptions no_store = other;
  no_store.store.model_store += "-none";
  EXPECT_THAT(Server::Create(no_store, DNND_PROGRAM).status(),
              testing::StatusIs(absl::StatusCode::kNotFound, HasSubstr("store-none")));
  ServerOptions no_folder = other;
  no_folder.listen.ready_file = folder_.path() + "/none/ready.json";
  EXPECT_THAT(Server::Create(no_folder, DNND_PROGRAM).status(),
              testing::StatusIs(absl::StatusCode::kNotFound, HasSubstr("ready_file: ")));
}

TEST_F(LifeTest, DrainFinishesWhatWasAdmittedAndRefusesWhatIsNew) {
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&] {
      // A connection that is gone answers UNAVAILABLE as well: there is nobody left to say more.
      while (true) {
        const grpc::Status status = Classify(Ask(Picture("star_0.jpeg")));
        if (!status.ok()) {
          EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE) << status.error_message();
          EXPECT_THAT(ReasonOf(status), AnyOf("SERVER_DRAINING", ""));
          ++refused;
          return;
        }
        ++answered;
      }
    });
  }
  while (answered < 20) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(server_->Drain());
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(refused, 4);
}

TEST_F(LifeTest, HealthFollowsAModelThatIsUnloadedAndLoadedAgain) {
  const auto health = Health::NewStub(channel_);
  grpc::ClientContext watching;
  HealthCheckRequest request;
  request.set_service("shapes");
  const auto stream = health->Watch(&watching, request);
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  {
    grpc::ClientContext context;
    v1::UnloadModelRequest unload;
    unload.set_name("shapes");
    v1::UnloadModelResponse unloaded;
    ASSERT_TRUE(models_->UnloadModel(&context, unload, &unloaded).ok());
    EXPECT_EQ(unloaded.model().versions(0).state(), v1::ModelVersion::UNAVAILABLE);
  }
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(ReasonOf(Classify(Ask(Picture("star_0.jpeg")))), "MODEL_NOT_LOADED");
  {
    grpc::ClientContext context;
    v1::LoadModelRequest load;
    load.set_name("shapes");
    v1::LoadModelResponse loaded;
    ASSERT_TRUE(models_->LoadModel(&context, load, &loaded).ok());
    EXPECT_EQ(loaded.model().serving_version(), 1);
  }
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(Classify(Ask(Picture("star_0.jpeg"))).ok());
  watching.TryCancel();
}

TEST_F(LifeTest, AReloadUnderLoadLosesNothing) {
  std::atomic<bool> stop = false;
  std::thread client([&] {
    while (!stop) {
      const grpc::Status status = Classify(Ask(Picture("star_0.jpeg")));
      EXPECT_TRUE(status.ok()) << status.error_message();
    }
  });
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    v1::ReloadModelRequest reload;
    reload.set_name("shapes");
    v1::ReloadModelResponse reloaded;
    const grpc::Status status = models_->ReloadModel(&context, reload, &reloaded);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  stop = true;
  client.join();
}

TEST_F(LifeTest, AModelThatCannotBeLoadedSaysWhy) {
  folder_.Write("store/broken/1/model.onnx", "this is no model");
  grpc::ClientContext context;
  v1::LoadModelRequest load;
  load.set_name("broken");
  v1::LoadModelResponse loaded;
  const grpc::Status status = models_->LoadModel(&context, load, &loaded);
  EXPECT_EQ(status.error_code(), grpc::FAILED_PRECONDITION) << status.error_message();
  EXPECT_EQ(ReasonOf(status), "MODEL_LOAD_FAILED");
  EXPECT_TRUE(Classify(Ask(Picture("star_0.jpeg"))).ok());
}

TEST_F(LifeTest, StatusAndConfigurationTellWhatIsInForce) {
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  ASSERT_TRUE(admin_->GetStatus(&context, {}, &status).ok());
  EXPECT_TRUE(status.ready());
  EXPECT_FALSE(status.draining());
  EXPECT_EQ(status.models().ready(), 1);
  EXPECT_EQ(status.grpc_address(), server_->grpc_address().ToString());
  EXPECT_GT(status.memory().used_bytes(), 0);
  EXPECT_GT(status.memory().resident_bytes(), status.memory().used_bytes());
  EXPECT_EQ(status.limits().max_images_per_request(), 256);
  grpc::ClientContext another;
  v1::GetConfigResponse config;
  ASSERT_TRUE(admin_->GetConfig(&another, {}, &config).ok());
  EXPECT_EQ(config.config().drain_seconds(), 60);
  EXPECT_EQ(config.config().http_address(), server_->http_address().ToString());
  EXPECT_GT(config.config().lanes().count(), 0);
}

}  // namespace
}  // namespace dnnd::server
