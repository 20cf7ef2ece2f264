// dnnctl version: of this client; the daemon's own is in dnnctl status.
#include "client/api/version.h"

#include <CLI/CLI.hpp>

#include "client/commands/commands.h"

namespace dnnd::client {

void AddVersionCommand(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "version", "Print the version of dnnctl; that of the daemon is in dnnctl status");
  command->footer("Examples:\n  dnnctl version\n");
  command->callback([&session] {
    session.action = [&session] {
      std::ostream& out = session.console().out;
      if (session.json()) {
        out << "{\"version\":\"" << Version() << "\"}" << std::endl;
      } else {
        out << "dnnctl " << Version() << std::endl;
      }
      return ExitCode::kDone;
    };
  });
}

}  // namespace dnnd::client
