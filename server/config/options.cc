#include "server/config/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/config/check_range.h"

namespace dnnd::server {
namespace {

absl::StatusOr<LimitOptions> ValidateLimits(const v1::ServerConfig::Limits& limits) {
  LimitOptions options;
  options.max_message_bytes =
      limits.has_max_message_bytes() ? limits.max_message_bytes() : 64 << 20;
  options.max_image_pixels = limits.has_max_image_pixels() ? limits.max_image_pixels() : 50'000'000;
  options.max_images_per_request =
      limits.has_max_images_per_request() ? limits.max_images_per_request() : 256;
  options.max_queued_bytes = limits.has_max_queued_bytes()
                                 ? limits.max_queued_bytes()
                                 : std::max<int64_t>(int64_t{512} << 20, options.max_message_bytes);
  options.max_connections = limits.has_max_connections() ? limits.max_connections() : 1024;
  options.max_streams_per_connection =
      limits.has_max_streams_per_connection() ? limits.max_streams_per_connection() : 1024;
  options.max_open_streams = limits.has_max_open_streams() ? limits.max_open_streams() : 256;

  DNND_RETURN_IF_ERROR(
      CheckRange("limits.max_message_bytes", options.max_message_bytes, 65536, 1 << 30));
  DNND_RETURN_IF_ERROR(CheckRange("limits.max_image_pixels", options.max_image_pixels, 1, kNoMost));
  DNND_RETURN_IF_ERROR(
      CheckRange("limits.max_images_per_request", options.max_images_per_request, 1, 65536));
  DNND_RETURN_IF_ERROR(CheckRange("limits.max_queued_bytes", options.max_queued_bytes,
                                  options.max_message_bytes, kNoMost));
  DNND_RETURN_IF_ERROR(CheckRange("limits.max_connections", options.max_connections, 1, kNoMost));
  DNND_RETURN_IF_ERROR(CheckRange("limits.max_streams_per_connection",
                                  options.max_streams_per_connection, 1, kNoMost));
  DNND_RETURN_IF_ERROR(CheckRange("limits.max_open_streams", options.max_open_streams, 1, kNoMost));
  return options;
}

// How many CPUs there are is the lanes' own knowledge; here only what is wrong on any machine.
absl::StatusOr<LaneOptions> ValidateLanes(const v1::ServerConfig::Lanes& lanes) {
  LaneOptions options;
  if (lanes.has_count()) {
    DNND_RETURN_IF_ERROR(CheckRange("lanes.count", lanes.count(), 1, 1024));
    options.count = lanes.count();
  }
  if (lanes.has_decode_threads()) {
    DNND_RETURN_IF_ERROR(CheckRange("lanes.decode_threads", lanes.decode_threads(), 1, 256));
    options.decode_threads = lanes.decode_threads();
  }
  return options;
}

absl::StatusOr<Address> ValidateListener(absl::string_view field, const std::string& text,
                                         absl::string_view otherwise, bool allow_anonymous) {
  absl::StatusOr<Address> address = ParseAddress(text.empty() ? otherwise : text);
  if (!address.ok()) {
    return engine::Annotate(address.status(), field);
  }
  if (!address->IsLoopback() && !allow_anonymous) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": got ", address->ToString(),
        ", which other machines can reach without TLS or tokens; want a loopback address, or "
        "--allow-anonymous to say that this is meant"));
  }
  return address;
}

absl::StatusOr<ListenOptions> ValidateListen(const v1::ServerConfig& config) {
  ListenOptions options;
  options.allow_anonymous = config.allow_anonymous();
  options.ready_file = config.ready_file();
  DNND_ASSIGN_OR_RETURN(options.grpc, ValidateListener("grpc_address", config.grpc_address(),
                                                       "127.0.0.1:8001", options.allow_anonymous));
  DNND_ASSIGN_OR_RETURN(options.http, ValidateListener("http_address", config.http_address(),
                                                       "127.0.0.1:8000", options.allow_anonymous));
  if (options.grpc == options.http && options.grpc.port != 0) {
    return absl::InvalidArgumentError(absl::StrCat("grpc_address and http_address: got ",
                                                   options.grpc.ToString(),
                                                   " for both, want two different ports"));
  }
  return options;
}

absl::StatusOr<StoreOptions> ValidateStore(const v1::ServerConfig& config) {
  StoreOptions options;
  options.model_store = config.model_store();
  options.state_dir = config.state_dir();
  if (options.model_store.empty() || options.state_dir.empty()) {
    const char* name = options.model_store.empty() ? "model_store" : "state_dir";
    const char* flag = options.model_store.empty() ? "--model-store" : "--state-dir";
    return absl::InvalidArgumentError(absl::StrCat(name, ": got none, want a folder; give ", flag,
                                                   " DIR, or set it in a file or variable"));
  }
  const int poll_ms = config.has_model_poll_interval_ms() ? config.model_poll_interval_ms() : 2000;
  if (poll_ms != 0) {
    DNND_RETURN_IF_ERROR(CheckRange("model_poll_interval_ms", poll_ms, 100, 86'400'000));
  }
  options.poll_interval = absl::Milliseconds(poll_ms);
  options.memory_budget_bytes = config.has_memory_budget_bytes() ? config.memory_budget_bytes()
                                                                 : AvailableMemoryBytes() / 5 * 4;
  DNND_RETURN_IF_ERROR(CheckRange("memory_budget_bytes", options.memory_budget_bytes, 1, kNoMost));
  if (config.precision() != v1::ModelConfig::PRECISION_UNSPECIFIED) {
    options.precision = config.precision();
  }
  if (options.precision != v1::ModelConfig::EXACT && options.precision != v1::ModelConfig::F32) {
    return absl::InvalidArgumentError(
        absl::StrCat("precision: got ", v1::ModelConfig::Precision_Name(options.precision),
                     ", want EXACT or F32; the engine has no other yet"));
  }
  return options;
}

// A number alone in a file, as cgroups write them; nothing for "max" or no such file.
std::optional<int64_t> NumberInFile(const char* path) {
  std::ifstream file(path);
  std::string text;
  int64_t value = 0;
  if (!(file >> text) || !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

int64_t AvailableMemoryBytes() {
  int64_t bytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const std::optional<int64_t> limit = NumberInFile(path);
    if (limit.has_value() && *limit > 0) {
      bytes = std::min(bytes, *limit);
    }
  }
  return bytes;
}

absl::StatusOr<ServerOptions> ValidateServerConfig(const v1::ServerConfig& config) {
  ServerOptions options;
  DNND_ASSIGN_OR_RETURN(options.listen, ValidateListen(config));
  DNND_ASSIGN_OR_RETURN(options.store, ValidateStore(config));
  DNND_ASSIGN_OR_RETURN(options.limits, ValidateLimits(config.limits()));
  DNND_ASSIGN_OR_RETURN(options.lanes, ValidateLanes(config.lanes()));
  const int drain_seconds = config.has_drain_seconds() ? config.drain_seconds() : 25;
  DNND_RETURN_IF_ERROR(CheckRange("drain_seconds", drain_seconds, 0, 3600));
  options.drain = absl::Seconds(drain_seconds);
  if (config.log().level() != v1::ServerConfig::Log::LEVEL_UNSPECIFIED) {
    options.log.level = config.log().level();
  }
  if (config.log().format() != v1::ServerConfig::Log::FORMAT_UNSPECIFIED) {
    options.log.format = config.log().format();
  }
  return options;
}

v1::ServerConfig EffectiveConfig(const ServerOptions& options) {
  v1::ServerConfig config;
  config.set_grpc_address(options.listen.grpc.ToString());
  config.set_http_address(options.listen.http.ToString());
  config.set_allow_anonymous(options.listen.allow_anonymous);
  config.set_ready_file(options.listen.ready_file);
  config.set_model_store(options.store.model_store);
  config.set_state_dir(options.store.state_dir);
  config.set_model_poll_interval_ms(
      static_cast<int>(absl::ToInt64Milliseconds(options.store.poll_interval)));
  config.set_memory_budget_bytes(options.store.memory_budget_bytes);
  config.set_precision(options.store.precision);
  config.set_drain_seconds(static_cast<int>(absl::ToInt64Seconds(options.drain)));

  v1::ServerConfig::Limits& limits = *config.mutable_limits();
  limits.set_max_message_bytes(options.limits.max_message_bytes);
  limits.set_max_image_pixels(options.limits.max_image_pixels);
  limits.set_max_images_per_request(options.limits.max_images_per_request);
  limits.set_max_queued_bytes(options.limits.max_queued_bytes);
  limits.set_max_connections(options.limits.max_connections);
  limits.set_max_streams_per_connection(options.limits.max_streams_per_connection);
  limits.set_max_open_streams(options.limits.max_open_streams);

  v1::ServerConfig::Lanes& lanes = *config.mutable_lanes();
  if (options.lanes.count.has_value()) {
    lanes.set_count(*options.lanes.count);
  }
  if (options.lanes.decode_threads.has_value()) {
    lanes.set_decode_threads(*options.lanes.decode_threads);
  }
  config.mutable_log()->set_level(options.log.level);
  config.mutable_log()->set_format(options.log.format);
  return config;
}

}  // namespace dnnd::server
