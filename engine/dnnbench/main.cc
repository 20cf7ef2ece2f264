// dnnbench: the engine's own tool. Measures, verifies and explains models without a server.
#include <iostream>

#include "CLI/CLI.hpp"
#include "engine/dnnbench/commands.h"
#include "engine/exec/openmp.h"

int main(int argc, char** argv) {
  dnnd::engine::PrepareOpenMp(argc, argv);
  CLI::App app("Measures, verifies and explains ONNX models on dnnd's engine.", "dnnbench");
  app.require_subcommand(1);
  const dnnd::engine::AddedCommand commands[] = {
      dnnd::engine::AddSpeed(app), dnnd::engine::AddVerify(app), dnnd::engine::AddExplain(app),
      dnnd::engine::AddZoo(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const dnnd::engine::AddedCommand& command : commands) {
    if (!command.parser->parsed()) {
      continue;
    }
    const absl::Status status = command.run();
    if (!status.ok()) {
      std::cerr << "dnnbench " << command.parser->get_name() << ": " << status.message() << "\n";
      return 1;
    }
  }
  return 0;
}
