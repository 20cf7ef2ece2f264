// The daemon's configuration after validation: small structs, one for each part that is configured.
// Every default is filled in and every range is checked; nobody below looks at flags or files
// again.
#ifndef DNND_SERVER_CONFIG_OPTIONS_H_
#define DNND_SERVER_CONFIG_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dnnd/v1/config.pb.h"
#include "server/config/address.h"

namespace dnnd::server {

struct ListenOptions {
  Address grpc;
  Address http;
  bool allow_anonymous = false;
  std::string ready_file;  // empty: none is written
};

struct StoreOptions {
  std::string model_store;
  std::string state_dir;
  absl::Duration poll_interval;  // zero: the store is scanned at start only
  int64_t memory_budget_bytes = 0;
  v1::ModelConfig::Precision precision = v1::ModelConfig::F32;  // of models that name none
};

struct LimitOptions {
  int64_t max_message_bytes = 0;
  int64_t max_image_pixels = 0;
  int max_images_per_request = 0;
  int64_t max_queued_bytes = 0;
  int max_connections = 0;
  int max_streams_per_connection = 0;
  int max_open_streams = 0;
};

// What is absent is chosen from the CPUs that the process may use.
struct LaneOptions {
  std::optional<int> count;
  std::optional<int> decode_threads;
};

struct LogOptions {
  v1::ServerConfig::Log::Level level = v1::ServerConfig::Log::INFO;
  v1::ServerConfig::Log::Format format = v1::ServerConfig::Log::TEXT;
};

struct ServerOptions {
  ListenOptions listen;
  StoreOptions store;
  LimitOptions limits;
  LaneOptions lanes;
  LogOptions log;
  absl::Duration drain;
};

// Fills in defaults and checks ranges. INVALID_ARGUMENT naming the field, what was got and what was
// wanted.
absl::StatusOr<ServerOptions> ValidateServerConfig(const v1::ServerConfig& config);

// The options as a configuration with every field set, for AdminService.GetConfig and
// --check-config. Lane counts that were left to the machine stay unset: whoever made the lanes
// fills them in.
v1::ServerConfig EffectiveConfig(const ServerOptions& options);

// Memory that this process may use: the limit of its cgroup where there is one, else the RAM.
int64_t AvailableMemoryBytes();

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_OPTIONS_H_
