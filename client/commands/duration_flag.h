#ifndef DNND_CLIENT_COMMANDS_DURATION_FLAG_H_
#define DNND_CLIENT_COMMANDS_DURATION_FLAG_H_

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace dnnd::client {

// Adds a flag that takes "30s", "1.5m", "200ms" or a bare number of seconds, from `least` to
// `most`. Anything else ends the reading of the command line, as any wrong flag does. `set` is
// called with the value.
CLI::Option* AddDurationFlag(CLI::App& command, const std::string& names,
                             const std::function<void(absl::Duration)>& set, absl::Duration least,
                             absl::Duration most, const std::string& description);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_DURATION_FLAG_H_
