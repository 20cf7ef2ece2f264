// dnnbench verify: runs models on the data sets beside them and compares the answers.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/dnnbench/commands.h"
#include "engine/dnnbench/data_set.h"
#include "engine/dnnbench/runner.h"
#include "engine/engine.h"
#include "engine/exec/cpu_budget.h"
#include "nlohmann/json.hpp"

namespace dnnd::engine {
namespace {

struct VerifyOptions {
  std::vector<std::string> directories;
  Tolerance tolerance;
  std::string precision = "f32";
  int threads = 0;
  bool json = false;
};

enum class Verdict { kPassed, kFailed, kSkipped };

struct Outcome {
  std::string directory;
  Verdict verdict = Verdict::kPassed;
  Comparison worst;
  std::string reason;  // empty when passed
};

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kSkipped:
      return "skipped";
  }
  return "failed";
}

absl::StatusOr<Comparison> VerifyDataSet(Runner& runner, const std::string& directory,
                                         const Tolerance& tolerance) {
  DNND_ASSIGN_OR_RETURN(const DataSet data, ReadDataSet(directory));
  DNND_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, runner.Run(data.inputs));
  return CompareOutputs(outputs, data.outputs, tolerance);
}

absl::Status VerifyModel(const VerifyOptions& options, Outcome& outcome) {
  Model::Options model_options;
  model_options.precision = options.precision == "exact" ? Precision::kExact : Precision::kFloat32;
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<Model> model,
                        LoadModelFile(outcome.directory + "/model.onnx", model_options));
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<Runner> runner,
                        Runner::Create(std::move(model), options.threads));
  for (const std::string& data_set : FindDataSets(outcome.directory)) {
    absl::StatusOr<Comparison> one = VerifyDataSet(*runner, data_set, options.tolerance);
    if (!one.ok()) {
      return Annotate(one.status(), std::filesystem::path(data_set).filename().string());
    }
    outcome.worst += *one;
  }
  return absl::OkStatus();
}

// A model that the engine cannot run is skipped, like a folder without data: neither says anything
// about answers.
Outcome Verify(const std::string& directory, const VerifyOptions& options) {
  Outcome outcome;
  outcome.directory = directory;
  if (!std::filesystem::is_directory(directory)) {
    outcome.verdict = Verdict::kFailed;
    outcome.reason = "got no such folder, want one with model.onnx and test_data_set_*";
    return outcome;
  }
  if (FindDataSets(directory).empty()) {
    outcome.verdict = Verdict::kSkipped;
    outcome.reason = "no test_data_set_*";
    return outcome;
  }
  const absl::Status status = VerifyModel(options, outcome);
  if (!status.ok()) {
    outcome.verdict = absl::IsUnimplemented(status) ? Verdict::kSkipped : Verdict::kFailed;
    outcome.reason = std::string(status.message());
  } else if (outcome.worst.outside > 0) {
    outcome.verdict = Verdict::kFailed;
    outcome.reason = absl::StrCat(outcome.worst.outside, " elements outside of the tolerance");
  }
  return outcome;
}

void Print(const Outcome& outcome) {
  std::string line = absl::StrFormat("%-7s %s", Word(outcome.verdict), outcome.directory);
  if (outcome.verdict == Verdict::kPassed || outcome.worst.outside > 0) {
    absl::StrAppendFormat(&line, "  max error %.3g absolute, %.3g relative, %.3g of the range",
                          outcome.worst.max_absolute, outcome.worst.max_relative,
                          outcome.worst.max_of_range);
  }
  if (!outcome.reason.empty()) {
    absl::StrAppend(&line, ": ", outcome.reason);
  }
  std::cout << line << std::endl;
}

nlohmann::ordered_json ToJson(const std::vector<Outcome>& outcomes, const int counts[3]) {
  nlohmann::ordered_json report;
  for (const Outcome& outcome : outcomes) {
    report["directories"].push_back({{"directory", outcome.directory},
                                     {"verdict", Word(outcome.verdict)},
                                     {"max_absolute", outcome.worst.max_absolute},
                                     {"max_relative", outcome.worst.max_relative},
                                     {"max_of_range", outcome.worst.max_of_range},
                                     {"reason", outcome.reason}});
  }
  report["passed"] = counts[0];
  report["failed"] = counts[1];
  report["skipped"] = counts[2];
  return report;
}

absl::Status RunVerify(VerifyOptions options) {
  if (options.threads == 0) {
    options.threads = static_cast<int>(DetectCpuBudget().cpus.size());
  }
  int counts[3] = {};
  std::vector<Outcome> outcomes;
  for (const std::string& directory : options.directories) {
    outcomes.push_back(Verify(directory, options));
    ++counts[static_cast<int>(outcomes.back().verdict)];
    if (!options.json) {
      Print(outcomes.back());
    }
  }
  if (options.json) {
    std::cout << ToJson(outcomes, counts).dump() << std::endl;
  } else {
    std::cout << absl::StrFormat("%d passed, %d failed, %d skipped", counts[0], counts[1],
                                 counts[2])
              << std::endl;
  }
  return counts[1] == 0 ? absl::OkStatus()
                        : absl::FailedPreconditionError("not every model gave the right answers");
}

}  // namespace

AddedCommand AddVerify(CLI::App& app) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand(
      "verify", "Runs DIR/model.onnx on DIR/test_data_set_* and compares the outputs");
  command->add_option("directories", options->directories, "DIR...")->required();
  command->add_option("--rtol", options->tolerance.relative, "of each wanted element (1e-3)");
  command->add_option("--atol", options->tolerance.absolute, "absolute (1e-7)");
  command->add_option("--atol-range", options->tolerance.of_range,
                      "of the largest magnitude of the output (0)");
  command
      ->add_option("--precision", options->precision,
                   "exact (one row a run, on one thread), or f32 (default)")
      ->check(CLI::IsMember({"exact", "f32"}));
  command->add_option("--threads", options->threads, "threads (every CPU)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "print one JSON object");
  return {command, [options] { return RunVerify(*options); }};
}

}  // namespace dnnd::engine
