// dnnbench: the engine's own tool. Measures, verifies and explains models without a server.
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "engine/dnnbench/commands.h"
#include "engine/exec/openmp.h"

namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  dnnbench speed --model resnet50.onnx --batch 8 --threads 2\n"
    "  dnnbench explain --model resnet50.onnx\n"
    "  dnnbench verify --rtol 1e-3 resnet50/     resnet50/model.onnx and resnet50/test_data_set_0\n"
    "  dnnbench zoo resnet18 --output resnet18.onnx\n";

// CLI11 would only say that a command is required.
bool NamesUnknownCommand(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  if (!app.get_subcommands().empty() || rest.empty() || rest.front().rfind('-', 0) == 0) {
    return false;
  }
  std::cerr << "dnnbench: there is no command \"" << rest.front()
            << "\"; dnnbench --help lists them\n";
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  dnnd::engine::PrepareOpenMp(argc, argv);
  CLI::App app("Measures, verifies and explains ONNX models on dnnd's engine.", "dnnbench");
  app.require_subcommand(1);
  app.footer(kExamples);
  const dnnd::engine::AddedCommand commands[] = {
      dnnd::engine::AddSpeed(app), dnnd::engine::AddVerify(app), dnnd::engine::AddExplain(app),
      dnnd::engine::AddZoo(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return NamesUnknownCommand(app) || app.exit(error) != 0 ? 2 : 0;
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
