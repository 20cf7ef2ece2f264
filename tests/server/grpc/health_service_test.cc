#include "server/grpc/health_service.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>

#include "server/grpc/grpc_server.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

class HealthServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LimitOptions limits;
    limits.max_message_bytes = 1 << 20;
    limits.max_connections = 4;
    limits.max_streams_per_connection = 16;
    auto listener = ConnectionListener::Create({"127.0.0.1", 0}, limits.max_connections);
    ASSERT_THAT(listener, IsOk());
    listener_ = *std::move(listener);
    auto server = GrpcServer::Create(*listener_, limits, {&health_});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = Health::NewStub(
        grpc::CreateChannel(server_->address().ToString(), grpc::InsecureChannelCredentials()));
  }

  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> Watch(grpc::ClientContext& context,
                                                                 const std::string& name) {
    HealthCheckRequest request;
    request.set_service(name);
    return stub_->Watch(&context, request);
  }

  static HealthCheckResponse::ServingStatus Next(grpc::ClientReader<HealthCheckResponse>& stream) {
    HealthCheckResponse response;
    EXPECT_TRUE(stream.Read(&response));
    return response.status();
  }

  HealthService health_;
  std::unique_ptr<ConnectionListener> listener_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<Health::Stub> stub_;
};

TEST_F(HealthServiceTest, ChecksKnownNamesAndDeniesOthers) {
  health_.Set("resnet", true);
  health_.Set("broken", false);
  const auto check = [&](const std::string& name, HealthCheckResponse* response) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(name);
    return stub_->Check(&context, request, response).error_code();
  };
  HealthCheckResponse response;
  EXPECT_EQ(check("resnet", &response), grpc::StatusCode::OK);
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("broken", &response), grpc::StatusCode::OK);
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(check("nobody", &response), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthServiceTest, WatchFollowsAModelThroughItsLife) {
  grpc::ClientContext context;
  const auto stream = Watch(context, "resnet");
  EXPECT_EQ(Next(*stream), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.Set("resnet", false);
  EXPECT_EQ(Next(*stream), HealthCheckResponse::NOT_SERVING);
  health_.Set("other", true);
  health_.Set("resnet", true);
  EXPECT_EQ(Next(*stream), HealthCheckResponse::SERVING);
  health_.Remove("resnet");
  EXPECT_EQ(Next(*stream), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthServiceTest, DrainTellsThoseWhoWatchAndEndsTheirStreams) {
  health_.Set("", true);
  grpc::ClientContext context;
  const auto stream = Watch(context, "");
  EXPECT_EQ(Next(*stream), HealthCheckResponse::SERVING);
  health_.Drain();
  EXPECT_EQ(Next(*stream), HealthCheckResponse::NOT_SERVING);
  HealthCheckResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthServiceTest, ShutdownDoesNotWaitForWatchersForEver) {
  health_.Set("", true);
  grpc::ClientContext context;
  const auto stream = Watch(context, "");
  EXPECT_EQ(Next(*stream), HealthCheckResponse::SERVING);
  server_->Shutdown(absl::Milliseconds(10));
  HealthCheckResponse response;
  EXPECT_FALSE(stream->Read(&response));
}

}  // namespace
}  // namespace dnnd::server
