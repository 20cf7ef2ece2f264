#include "server/config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "server/config/settings.h"
#include "server/config/text_proto.h"

namespace dnnd::server {
namespace {

constexpr char kDescription[] =
    "dnnd serves neural networks: ONNX models from a model store, over gRPC.\n"
    "Every setting --some-name is also the variable DNND_SOME_NAME and a field of the file. Flags "
    "win over variables, those over the file.";

constexpr char kConfigVariable[] = "DNND_CONFIG";

constexpr char kExamples[] =
    "Examples:\n"
    "  dnnd --model-store /srv/models --state-dir /var/lib/dnnd\n"
    "  dnnd --config /etc/dnnd/dnnd.textproto --check-config\n"
    "  dnnd --model-store models --state-dir state --grpc-address 127.0.0.1:0 --ready-file ready\n"
    "  DNND_LOG_FORMAT=json dnnd --model-store models --state-dir state --log-level debug\n";

struct Flags {
  std::string config;
  std::vector<std::optional<std::string>> settings;  // parallel to Settings()
  bool version = false;
  bool check_config = false;
  ModelCheckRequest check;
};

void DeclareSetting(const Setting& setting, CLI::App& app, std::optional<std::string>* value) {
  const std::string name = absl::StrCat("--", setting.flag);
  const auto keep = [value](const std::string& text) { *value = text; };
  if (setting.value[0] == '\0') {
    app.add_flag_function(
           name, [value](int64_t count) { *value = count > 0 ? "true" : "false"; }, setting.help)
        ->group(setting.group);
    return;
  }
  app.add_option_function<std::string>(name, keep, setting.help)
      ->type_name(setting.value)
      ->group(setting.group);
}

void Declare(CLI::App& app, Flags* flags) {
  app.footer(kExamples);
  app.add_option("--config", flags->config, "file of a dnnd.v1.ServerConfig as text")
      ->type_name("FILE");
  app.add_flag("--check-config", flags->check_config,
               "check this and the models' configurations, print what is in force, and exit");
  app.add_flag("--version", flags->version, "print the version and exit");
  // Of the daemon to its own child: an empty group keeps them out of the help.
  app.add_option("--check-model", flags->check.file)->group("");
  app.add_option("--check-model-memory-bytes", flags->check.memory_bytes)->group("");
  app.add_option("--check-model-cpu-seconds", flags->check.cpu_seconds)->group("");
  flags->settings.resize(Settings().size());
  for (size_t i = 0; i < Settings().size(); ++i) {
    DeclareSetting(Settings()[i], app, &flags->settings[i]);
  }
}

// The file, overlaid by the variables, overlaid by the flags.
absl::StatusOr<v1::ServerConfig> Merge(const Flags& flags, const Environment& environment) {
  v1::ServerConfig config;
  const std::string file =
      flags.config.empty() ? environment(kConfigVariable).value_or("") : flags.config;
  if (!file.empty()) {
    DNND_RETURN_IF_ERROR(ReadTextProto(file, &config));
  }
  for (size_t i = 0; i < Settings().size(); ++i) {
    const Setting& setting = Settings()[i];
    const std::string variable = VariableOf(setting.flag);
    if (flags.settings[i].has_value()) {
      const std::string flag = absl::StrCat("--", setting.flag);
      DNND_RETURN_IF_ERROR(ApplySetting(setting, flag, *flags.settings[i], &config));
    } else if (const auto text = environment(variable); text.has_value() && !text->empty()) {
      DNND_RETURN_IF_ERROR(ApplySetting(setting, variable, *text, &config));
    }
  }
  return config;
}

bool IsSetting(absl::string_view variable) {
  return variable == kConfigVariable ||
         std::any_of(Settings().begin(), Settings().end(),
                     [&](const Setting& setting) { return VariableOf(setting.flag) == variable; });
}

// Kubernetes: NAME_SERVICE_HOST=10.0.0.1, NAME_PORT=tcp://10.0.0.1:80,
// NAME_PORT_80_TCP_ADDR=10.0.0.1
bool IsOfAnOrchestrator(absl::string_view variable, absl::string_view value) {
  const size_t port = variable.find("_PORT_");
  const bool numbered = port != absl::string_view::npos && port + 6 < variable.size() &&
                        absl::ascii_isdigit(variable[port + 6]);
  return numbered || absl::StrContains(variable, "_SERVICE_") || absl::StrContains(value, "://");
}

}  // namespace

std::vector<std::string> UnknownVariables(const char* const* environment) {
  std::vector<std::string> unknown;
  for (; *environment != nullptr; ++environment) {
    const std::pair<absl::string_view, absl::string_view> variable =
        absl::StrSplit(absl::string_view(*environment), absl::MaxSplits('=', 1));
    if (absl::StartsWith(variable.first, "DNND_") && !IsSetting(variable.first) &&
        !IsOfAnOrchestrator(variable.first, variable.second)) {
      unknown.emplace_back(variable.first);
    }
  }
  return unknown;
}

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

absl::StatusOr<Invocation> ParseCommandLine(int argc, const char* const* argv,
                                            const Environment& environment,
                                            absl::string_view version) {
  CLI::App app(kDescription, "dnnd");
  Flags flags;
  Declare(app, &flags);
  Invocation invocation;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    invocation.action = Invocation::Action::kPrint;
    invocation.text = app.help();
    return invocation;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; dnnd --help lists the flags"));
  }
  if (flags.version) {
    invocation.action = Invocation::Action::kPrint;
    invocation.text = absl::StrCat("dnnd ", version, "\n");
    return invocation;
  }
  DNND_ASSIGN_OR_RETURN(const v1::ServerConfig config, Merge(flags, environment));
  if (!flags.check.file.empty()) {
    invocation.action = Invocation::Action::kCheckModel;
    invocation.check = flags.check;
    if (config.precision() != v1::ModelConfig::PRECISION_UNSPECIFIED) {
      invocation.check.precision = config.precision();
    }
    return invocation;
  }
  invocation.action =
      flags.check_config ? Invocation::Action::kCheckConfig : Invocation::Action::kServe;
  DNND_ASSIGN_OR_RETURN(invocation.options, ValidateServerConfig(config));
  return invocation;
}

}  // namespace dnnd::server
