#include "client/api/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "client/api/version.h"

namespace dnnd::client {

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  arguments.SetMaxSendMessageSize(static_cast<int>(kMaxMessageBytes));
  arguments.SetUserAgentPrefix("dnnctl/" + std::string(Version()));
  // http_proxy in the environment is not about a server that was named by its address.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Refusals are news here, in bench above all: gRPC must not retry them behind the back.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Channels with equal arguments would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace dnnd::client
