// The settings that a flag or a DNND_* variable may override: one table, so that a flag, its
// variable and the field of ServerConfig that both write can never drift apart.
#ifndef DNND_SERVER_CONFIG_SETTINGS_H_
#define DNND_SERVER_CONFIG_SETTINGS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "dnnd/v1/config.pb.h"

namespace dnnd::server {

struct Setting {
  const char* flag;   // without the dashes: "grpc-address"
  const char* field;  // path in ServerConfig: "grpc_address", "limits.max_message_bytes"
  const char* value;  // what the help calls its value: "HOST:PORT"; empty for a switch
  const char* help;
  const char* group;  // heading in the help
};

absl::Span<const Setting> Settings();

// "DNND_GRPC_ADDRESS" for "grpc-address".
std::string VariableOf(absl::string_view flag);

// Writes `text` into the setting's field. INVALID_ARGUMENT naming `origin` (the flag or variable)
// when it is not of the field's type.
absl::Status ApplySetting(const Setting& setting, absl::string_view origin, absl::string_view text,
                          v1::ServerConfig* config);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_SETTINGS_H_
