// From argv, the environment and a file to what the daemon is asked to do. Flags win over DNND_*
// variables, those over the file, that over the defaults.
#ifndef DNND_SERVER_CONFIG_COMMAND_LINE_H_
#define DNND_SERVER_CONFIG_COMMAND_LINE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/config/options.h"

namespace dnnd::server {

// Variables of the environment by name; injected so that tests need not change their own.
// Variables that are not ours are left alone even when they begin with DNND_: an orchestrator sets
// such for a service of that name.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment ProcessEnvironment();

// The names in `environment`, NAME=VALUE each and a null at its end, that begin with DNND_ though
// no setting has them: most likely a slip of the pen. Without those that an orchestrator sets for a
// service of that name.
std::vector<std::string> UnknownVariables(const char* const* environment);

// The daemon's own child: loads one model under limits and reports (server/repository/check.h).
struct ModelCheckRequest {
  std::string file;
  v1::ModelConfig::Precision precision = v1::ModelConfig::F32;
  int64_t memory_bytes = 0;
  int cpu_seconds = 0;
};

struct Invocation {
  enum class Action {
    kServe,
    kCheckConfig,  // validate, also the models' own, print EffectiveConfig, end
    kCheckModel,   // see ModelCheckRequest
    kPrint,        // write `text` to standard output, end with 0: --help, --version
  };
  Action action = Action::kServe;
  ServerOptions options;    // kServe, kCheckConfig
  ModelCheckRequest check;  // kCheckModel
  std::string text;         // kPrint
};

// INVALID_ARGUMENT, with a message for the operator, for whatever is wrong in flags, variables or
// the file. `version` is what --version prints.
absl::StatusOr<Invocation> ParseCommandLine(int argc, const char* const* argv,
                                            const Environment& environment,
                                            absl::string_view version);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_COMMAND_LINE_H_
