#include "server/grpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <limits>

namespace dnnd::server {

namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

// Names and values of metadata that a call may bring; stated, for the default is gRPC's to change.
constexpr int kMaxMetadataBytes = 8192;
// A peer that connects and says nothing holds a descriptor for this long.
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kMaxIdleMs = 15 * 60 * 1000;
// Pings find dead peers; a client that pings as often as every 30 s is not sent away for it.
constexpr int kKeepaliveTimeMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMinPingIntervalMs = 30'000;

void SetLimits(const LimitOptions& limits, grpc::ServerBuilder& builder) {
  const int message_bytes = static_cast<int>(
      std::min<int64_t>(limits.max_message_bytes, std::numeric_limits<int>::max()));
  builder.SetMaxReceiveMessageSize(message_bytes);
  builder.SetMaxSendMessageSize(message_bytes);
  // A compressed message is inflated before its size is checked: 400 kB on the wire become 400 MB
  // in memory. Pictures are compressed already; without these algorithms nothing is lost.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // gRPC takes a message whole before it looks at its size (grpc/grpc#43012), so what strangers
  // send at once is bounded here and not by the limit above: over the quota it breaks off streams.
  // Room for all that Admission lets in, and for one message that it is yet to judge.
  grpc::ResourceQuota quota("dnnd");
  quota.Resize(static_cast<size_t>(limits.max_queued_bytes + limits.max_message_bytes));
  builder.SetResourceQuota(quota);
}

void SetTimeouts(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxIdleMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
}

}  // namespace

GrpcServer::GrpcServer(ConnectionListener& listener) : listener_(listener) {}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Create(
    ConnectionListener& listener, const LimitOptions& limits,
    const std::vector<grpc::Service*>& services) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(listener));
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(limits, builder);
  SetTimeouts(builder);
  for (grpc::Service* service : services) {
    builder.RegisterService(service);
  }
  const std::shared_ptr<Acceptor> acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::InternalError("gRPC does not start");
  }
  listener.Start([acceptor](int descriptor) {
    Acceptor::NewConnectionParameters connection;
    connection.fd = descriptor;
    acceptor->HandleNewConnection(&connection);
  });
  return server;
}

void GrpcServer::Shutdown(absl::Duration bound) {
  listener_.Stop();
  if (server_ != nullptr) {
    server_->Shutdown(absl::ToChronoTime(absl::Now() + bound));
    server_->Wait();
    server_.reset();
  }
}

}  // namespace dnnd::server
