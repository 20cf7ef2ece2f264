// dnnbench explain: what each layer costs in memory, computation and data movement, estimated and
// measured.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/cost/machine_limits.h"
#include "engine/dnnbench/commands.h"
#include "engine/dnnbench/runner.h"
#include "engine/dnnbench/workload.h"
#include "nlohmann/json.hpp"

namespace dnnd::engine {
namespace {

struct ExplainOptions {
  WorkloadOptions workload;
  int runs = 20;
  bool json = false;
};

// A step of the plan with its measured time.
struct Layer {
  const PlanStep* step;
  std::string shapes;  // of the arguments that are no weights, then of the results
  std::string layouts;
  double seconds = 0;  // median
};

std::string LayoutsOf(const PlanStep& step) {
  const Layout in = step.input_layouts.empty() ? Layout::kRowMajor : step.input_layouts[0];
  const Layout out = step.output_layouts.empty() ? Layout::kRowMajor : step.output_layouts[0];
  return in == out ? std::string(LayoutName(in))
                   : absl::StrCat(LayoutName(in), ">", LayoutName(out));
}

std::string ShapesOf(const Plan& plan, const PlanStep& step) {
  if (step.node == kNoNode) {
    return "";
  }
  const Node& node = plan.graph.nodes[step.node];
  const auto shape_of = [&](ValueId id) { return plan.graph.value(id).shape->ToString(); };
  std::vector<std::string> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue && step.inputs[i].kind == BufferRef::Kind::kArena) {
      inputs.push_back(shape_of(node.inputs[i]));
    }
  }
  std::vector<std::string> outputs;
  for (const ValueId output : node.outputs) {
    if (output != kNoValue) {
      outputs.push_back(shape_of(output));
    }
  }
  return absl::StrCat(absl::StrJoin(inputs, " "), " > ", absl::StrJoin(outputs, " "));
}

struct Measured {
  std::vector<Layer> layers;
  double tail_seconds = 0;
};

double Median(std::vector<double>& samples) {
  const auto middle = samples.begin() + samples.size() / 2;
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

absl::StatusOr<Measured> MeasureLayers(PlanInstance& instance, int runs) {
  const Plan& plan = instance.plan();
  PlanInstance::Times times;
  std::vector<std::vector<double>> samples(plan.steps.size());
  std::vector<double> tail;
  DNND_RETURN_IF_ERROR(instance.Run());  // warms caches
  for (int run = 0; run < runs; ++run) {
    DNND_RETURN_IF_ERROR(instance.RunTimed(&times));
    for (size_t i = 0; i < times.steps.size(); ++i) {
      samples[i].push_back(times.steps[i]);
    }
    tail.push_back(times.tail);
  }
  Measured measured;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    measured.layers.push_back({&plan.steps[i], ShapesOf(plan, plan.steps[i]),
                               LayoutsOf(plan.steps[i]), Median(samples[i])});
  }
  measured.tail_seconds = Median(tail);
  return measured;
}

double Ratio(double a, double b) { return b > 0 ? a / b : 0; }

nlohmann::ordered_json ToJson(const Layer& layer, const MachineLimits& limits) {
  const Cost& cost = layer.step->cost;
  nlohmann::ordered_json row;
  row["name"] = layer.step->name;
  row["op"] = layer.step->op;
  row["shapes"] = layer.shapes;
  row["layout"] = layer.layouts;
  row["implementation"] = layer.step->kernel->implementation();
  row["multiply_accumulates"] = cost.multiply_accumulates;
  row["other_operations"] = cost.other_operations;
  row["weight_bytes"] = cost.weight_bytes;
  row["moved_bytes"] = cost.moved_bytes();
  row["workspace_bytes"] = layer.step->kernel->scratchpad_bytes();
  row["arithmetic_intensity"] = Ratio(cost.operations(), cost.moved_bytes());
  row["ms"] = layer.seconds * 1e3;
  row["gflops"] = Ratio(cost.operations(), layer.seconds) * 1e-9;
  row["gbytes_per_second"] = Ratio(cost.moved_bytes(), layer.seconds) * 1e-9;
  row["bound"] = BoundOf(cost, layer.seconds, layer.step->threads, limits);
  return row;
}

nlohmann::ordered_json Explain(const Workload& workload, const ExplainOptions& options,
                               const Executable& executable, const Measured& measured) {
  const Plan& plan = *executable.plan();
  const MachineLimits& limits = MeasuredLimits();
  nlohmann::ordered_json report;
  report["model"] = options.workload.model;
  report["batch"] = workload.batch;
  report["threads"] = workload.threads;
  Cost total;
  double seconds = 0;
  report["layers"] = nlohmann::ordered_json::array();
  for (const Layer& layer : measured.layers) {
    report["layers"].push_back(ToJson(layer, limits));
    total += layer.step->cost;
    seconds += layer.seconds;
  }
  if (const Tail* tail = executable.tail()) {
    seconds += measured.tail_seconds;
    report["tail"] = {{"nodes", tail->graph().nodes.size()},
                      {"compiled", tail->num_layers()},
                      {"first", Describe(tail->graph().nodes.front())},
                      {"ms", measured.tail_seconds * 1e3}};
  }
  report["total"] = {{"multiply_accumulates", total.multiply_accumulates},
                     {"weight_bytes", total.weight_bytes},
                     {"moved_bytes", total.moved_bytes()},
                     {"ms", seconds * 1e3},
                     {"gflops", Ratio(total.operations(), seconds) * 1e-9},
                     {"gbytes_per_second", Ratio(total.moved_bytes(), seconds) * 1e-9}};
  report["memory"] = {{"weight_bytes", workload.model->weight_bytes()},
                      {"arena_bytes", plan.arena_bytes},
                      {"activation_bytes", plan.activation_bytes},
                      {"scratchpad_bytes", plan.scratchpad_bytes}};
  report["machine"] = {{"core_gflops", limits.core_flops * 1e-9},
                       {"core_memory_gbytes_per_second", limits.memory_bandwidth * 1e-9},
                       {"core_cache_gbytes_per_second", limits.cache_bandwidth * 1e-9},
                       {"fork_join_us", limits.fork_join_seconds * 1e6}};
  return report;
}

void PrintRow(const nlohmann::ordered_json& row) {
  const auto text = [&](const char* key) { return row[key].get<std::string>(); };
  const auto number = [&](const char* key) { return row[key].get<double>(); };
  std::cout << absl::StrFormat(
      "%-24.24s %-32.32s %-46.46s %-24.24s %-24.24s %9.2f %9.1f %9.1f %7.1f "
      "%8.3f %8.1f %7.1f %s\n",
      text("name"), text("op"), text("shapes"), text("layout"), text("implementation"),
      number("multiply_accumulates") * 1e-6, number("weight_bytes") * 1e-3,
      number("moved_bytes") * 1e-3, number("arithmetic_intensity"), number("ms"), number("gflops"),
      number("gbytes_per_second"), text("bound"));
}

void Print(const nlohmann::ordered_json& report) {
  std::cout << absl::StrFormat("%-24s %-32s %-46s %-24s %-24s %9s %9s %9s %7s %8s %8s %7s %s\n",
                               "layer", "operator", "shapes", "layout", "implementation", "Mmac",
                               "weight kB", "moved kB", "op/byte", "ms", "GFLOP/s", "GB/s",
                               "bound");
  for (const nlohmann::ordered_json& row : report["layers"]) {
    PrintRow(row);
  }
  const nlohmann::ordered_json& total = report["total"];
  const nlohmann::ordered_json& memory = report["memory"];
  const nlohmann::ordered_json& machine = report["machine"];
  if (report.contains("tail")) {
    const nlohmann::ordered_json& tail = report["tail"];
    std::cout << absl::StrFormat(
        "\ntail: %d nodes from %s on are interpreted, for data decide their extents (%d of them by "
        "compiled kernels), %.3f ms\n",
        tail["nodes"].get<int>(), tail["first"].get<std::string>(), tail["compiled"].get<int>(),
        tail["ms"].get<double>());
  }
  std::cout << absl::StrFormat(
      "\ntotal: %.1f million multiply-accumulates, %.1f MB moved, %.3f ms, %.1f GFLOP/s, %.1f "
      "GB/s\n",
      total["multiply_accumulates"].get<double>() * 1e-6, total["moved_bytes"].get<double>() * 1e-6,
      total["ms"].get<double>(), total["gflops"].get<double>(),
      total["gbytes_per_second"].get<double>());
  std::cout << absl::StrFormat(
      "memory: weights %.1f MB, arena %.1f MB (activations %.1f MB without reuse), scratchpad %.1f "
      "MB\n",
      memory["weight_bytes"].get<double>() * 1e-6, memory["arena_bytes"].get<double>() * 1e-6,
      memory["activation_bytes"].get<double>() * 1e-6,
      memory["scratchpad_bytes"].get<double>() * 1e-6);
  std::cout << absl::StrFormat(
      "machine: a core reaches %.0f GFLOP/s, %.1f GB/s from memory, %.1f GB/s from its cache; "
      "waking "
      "a team takes %.1f us\n",
      machine["core_gflops"].get<double>(), machine["core_memory_gbytes_per_second"].get<double>(),
      machine["core_cache_gbytes_per_second"].get<double>(), machine["fork_join_us"].get<double>());
}

absl::Status RunExplain(const ExplainOptions& options) {
  DNND_ASSIGN_OR_RETURN(const Workload workload, LoadWorkload(options.workload));
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<Runner> runner,
                        Runner::Create(workload.model, workload.threads));
  DNND_ASSIGN_OR_RETURN(PlanInstance* const instance, runner->Instance(workload.shapes));
  FillInputs(*instance);
  DNND_ASSIGN_OR_RETURN(const Measured measured, MeasureLayers(*instance, options.runs));
  const nlohmann::ordered_json report =
      Explain(workload, options, instance->executable(), measured);
  if (options.json) {
    std::cout << report.dump() << std::endl;
  } else {
    Print(report);
  }
  return absl::OkStatus();
}

}  // namespace

AddedCommand AddExplain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand(
      "explain", "Prints memory, computation and data movement of each layer, with its time");
  AddWorkloadOptions(*command, options->workload);
  command->add_option("--runs", options->runs, "timed runs, of which the median counts (20)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "print one JSON object");
  return {command, [options] { return RunExplain(*options); }};
}

}  // namespace dnnd::engine
