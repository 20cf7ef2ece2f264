// The subcommands of dnnbench, one file each.
#ifndef DNND_ENGINE_DNNBENCH_COMMANDS_H_
#define DNND_ENGINE_DNNBENCH_COMMANDS_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"

namespace dnnd::engine {

// What a subcommand does once the command line is parsed. Its error is printed, and the program
// exits with 1.
using Command = std::function<absl::Status()>;

// Each adds a subcommand to `app` and returns it with what it does. `app` outlives the command.
struct AddedCommand {
  CLI::App* parser;
  Command run;
};
AddedCommand AddSpeed(CLI::App& app);
AddedCommand AddVerify(CLI::App& app);
AddedCommand AddExplain(CLI::App& app);
AddedCommand AddZoo(CLI::App& app);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_COMMANDS_H_
