#ifndef DNND_CLIENT_API_CHANNEL_H_
#define DNND_CLIENT_API_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace dnnd::client {

// Largest message in either direction: the server's own default, far above gRPC's 4 MB.
constexpr int64_t kMaxMessageBytes = int64_t{64} << 20;

constexpr absl::string_view kDefaultAddress = "127.0.0.1:8001";

// A channel to HOST:PORT, in plain text, past any HTTP proxy. It connects at the first call.
// Channels never share a connection. Never null.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_CHANNEL_H_
