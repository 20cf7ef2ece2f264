#include "server/grpc/grpc_server.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/grpc/health_service.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

constexpr int64_t kMaxMessageBytes = 64 << 20;

LimitOptions Limits() {
  LimitOptions limits;
  limits.max_message_bytes = kMaxMessageBytes;
  limits.max_connections = 16;
  limits.max_streams_per_connection = 64;
  return limits;
}

// A server of health alone, on a free port.
class GrpcServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listener = ConnectionListener::Create({"127.0.0.1", 0}, Limits().max_connections);
    ASSERT_THAT(listener, IsOk());
    listener_ = *std::move(listener);
    health_.Set("", true);
    auto server = GrpcServer::Create(*listener_, Limits(), {&health_});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }

  // A connection of its own, that takes messages of any size.
  std::unique_ptr<Health::Stub> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return Health::NewStub(grpc::CreateCustomChannel(
        server_->address().ToString(), grpc::InsecureChannelCredentials(), arguments));
  }

  static grpc::Status Check(Health::Stub& stub, const std::string& name,
                            HealthCheckResponse* response = nullptr,
                            grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
    grpc::ClientContext context;
    context.set_compression_algorithm(compression);
    HealthCheckRequest request;
    request.set_service(name);
    HealthCheckResponse ignored;
    return stub.Check(&context, request, response == nullptr ? &ignored : response);
  }

  HealthService health_;
  std::unique_ptr<ConnectionListener> listener_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, AnswersOnTheFreePortThatItTook) {
  EXPECT_GT(server_->address().port, 0);
  HealthCheckResponse response;
  EXPECT_TRUE(Check(*Connect(), "", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

TEST_F(GrpcServerTest, RefusesASecondListenerOnItsPort) {
  EXPECT_THAT(ConnectionListener::Create(server_->address(), 1).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("another dnnd")));
}

TEST_F(GrpcServerTest, RefusesAHugeMessageAndLeavesTheNeighboursAlone) {
  const auto neighbour = Connect();
  ASSERT_TRUE(Check(*neighbour, "").ok());
  const auto stub = Connect();
  const grpc::Status status = Check(*stub, std::string(300 << 20, 'x'));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_TRUE(Check(*neighbour, "").ok());
  EXPECT_TRUE(Check(*stub, "").ok());
}

TEST_F(GrpcServerTest, RefusesCompressedMessagesWithoutInflatingThem) {
  const auto stub = Connect();
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    // Compresses well, so that the client does send it compressed.
    const grpc::Status status = Check(*stub, std::string(1 << 20, 'x'), nullptr, algorithm);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  }
}

TEST_F(GrpcServerTest, ClosesItsPortWhenItShutsDown) {
  const Address address = server_->address();
  server_->Shutdown(absl::Seconds(5));
  EXPECT_THAT(ConnectionListener::Create(address, 1), IsOk());
}

}  // namespace
}  // namespace dnnd::server
