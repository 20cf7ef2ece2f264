// dnnbench zoo: writes the standard architectures as ONNX files.
#include <cstdio>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "engine/dnnbench/commands.h"
#include "engine/onnx/export.h"
#include "engine/zoo/zoo.h"
#include "nlohmann/json.hpp"

namespace dnnd::engine {
namespace {

struct ZooCommandOptions {
  std::string name;
  std::string output;
  ZooOptions zoo;
  bool list = false;
  bool json = false;
};

void List(bool json) {
  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  for (const ZooModel& model : ZooModels()) {
    if (!json) {
      std::printf("%-12s %s\n", std::string(model.name).c_str(),
                  std::string(model.description).c_str());
    }
    report.push_back({{"name", std::string(model.name)},
                      {"description", std::string(model.description)},
                      {"num_classes", model.num_classes}});
  }
  if (json) {
    std::printf("%s\n", report.dump().c_str());
  }
}

absl::Status RunZoo(const ZooCommandOptions& options) {
  if (options.list) {
    List(options.json);
    return absl::OkStatus();
  }
  if (options.name.empty() || options.output.empty()) {
    return absl::InvalidArgumentError("wanted NAME and --output FILE, or --list");
  }
  DNND_ASSIGN_OR_RETURN(const Graph graph, BuildZooModel(options.name, options.zoo));
  DNND_RETURN_IF_ERROR(ExportModel(graph, options.output));
  const long long parameters = CountParameters(graph);
  if (options.json) {
    const nlohmann::ordered_json report = {
        {"name", options.name}, {"output", options.output}, {"parameters", parameters}};
    std::printf("%s\n", report.dump().c_str());
  } else {
    std::printf("%s: %s, %lld parameters\n", options.output.c_str(), options.name.c_str(),
                parameters);
  }
  return absl::OkStatus();
}

}  // namespace

AddedCommand AddZoo(CLI::App& app) {
  auto options = std::make_shared<ZooCommandOptions>();
  CLI::App* command =
      app.add_subcommand("zoo", "Writes an architecture with seeded weights as an ONNX file");
  command->add_option("name", options->name, "NAME, one of --list");
  command->add_option("--output", options->output, "the file to write");
  command->add_option("--seed", options->zoo.seed, "of the initial weights (1)");
  command->add_option("--classes", options->zoo.num_classes, "number of classes (the model's own)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--list", options->list, "name the architectures");
  command->add_flag("--json", options->json, "print one JSON object");
  return {command, [options] { return RunZoo(*options); }};
}

}  // namespace dnnd::engine
