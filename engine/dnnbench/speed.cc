// dnnbench speed: how many rows a second, and how long each run takes.
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/dnnbench/commands.h"
#include "engine/dnnbench/memory_use.h"
#include "engine/dnnbench/runner.h"
#include "engine/dnnbench/workload.h"
#include "engine/exec/cpu_budget.h"
#include "nlohmann/json.hpp"

namespace dnnd::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct SpeedOptions {
  WorkloadOptions workload;
  int lanes = 1;
  double seconds = 5;
  double warmup = 0.5;
  bool bare = false;
  bool json = false;
};

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// What one lane measured.
struct LaneResult {
  absl::Status status;
  std::vector<double> run_seconds;
  std::vector<double> bare_seconds;  // runs of the multiplying kernels alone
  double elapsed = 0;                // in the runs of run_seconds
};

// The convolutions and matrix products of a plan: what would remain if everything else were free.
std::vector<int> MultiplyingSteps(const Plan& plan) {
  std::vector<int> steps;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (plan.steps[i].cost.multiply_accumulates > 0) {
      steps.push_back(static_cast<int>(i));
    }
  }
  return steps;
}

absl::Status WarmUp(PlanInstance& instance, double seconds) {
  const SteadyClock::time_point start = SteadyClock::now();
  do {
    DNND_RETURN_IF_ERROR(instance.Run());
  } while (SecondsSince(start) < seconds);
  return absl::OkStatus();
}

// Runs the plan for `options.seconds`; with --bare each run is followed by one of the multiplying
// kernels alone, so that both see the same machine.
absl::Status Measure(PlanInstance& instance, const SpeedOptions& options, LaneResult& result) {
  const std::vector<int> multiplying = MultiplyingSteps(instance.plan());
  const SteadyClock::time_point begin = SteadyClock::now();
  do {
    const SteadyClock::time_point start = SteadyClock::now();
    DNND_RETURN_IF_ERROR(instance.Run());
    result.run_seconds.push_back(SecondsSince(start));
    result.elapsed += result.run_seconds.back();
    if (options.bare) {
      const SteadyClock::time_point bare_start = SteadyClock::now();
      DNND_RETURN_IF_ERROR(instance.RunSteps(multiplying));
      result.bare_seconds.push_back(SecondsSince(bare_start));
    }
  } while (SecondsSince(begin) < options.seconds);
  return absl::OkStatus();
}

// One lane: a pinned thread with its own team and memory. All lanes measure at the same time; one
// that fails does not keep the others waiting.
LaneResult RunLane(const Workload& workload, const SpeedOptions& options,
                   const std::vector<int>& cpus, std::barrier<>& all_warm) {
  LaneResult result;
  PinCurrentThread(cpus);
  absl::StatusOr<std::unique_ptr<Runner>> runner =
      Runner::Create(workload.model, workload.threads / options.lanes);
  absl::StatusOr<PlanInstance*> instance =
      runner.ok() ? (*runner)->Instance(workload.shapes) : runner.status();
  result.status = instance.status();
  if (result.status.ok()) {
    FillInputs(**instance);
    result.status = WarmUp(**instance, options.warmup);
  }
  if (!result.status.ok()) {
    all_warm.arrive_and_drop();
    return result;
  }
  all_warm.arrive_and_wait();
  result.status = Measure(**instance, options, result);
  return result;
}

std::vector<LaneResult> RunLanes(const Workload& workload, const SpeedOptions& options) {
  const std::vector<int> cpus = DetectCpuBudget().cpus;
  const int width = workload.threads / options.lanes;
  std::barrier<> all_warm(options.lanes);
  std::vector<LaneResult> results(options.lanes);
  std::vector<std::thread> threads;
  for (int lane = 0; lane < options.lanes; ++lane) {
    std::vector<int> own(width);
    for (int i = 0; i < width; ++i) {
      own[i] = cpus[(lane * width + i) % cpus.size()];
    }
    threads.emplace_back(
        [&, lane, own] { results[lane] = RunLane(workload, options, own, all_warm); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return results;
}

// REQUIRES: values is sorted and not empty.
double Percentile(const std::vector<double>& values, double fraction) {
  return values[static_cast<size_t>(fraction * static_cast<double>(values.size() - 1) + 0.5)];
}

absl::StatusOr<nlohmann::ordered_json> Summarise(const Workload& workload,
                                                 const SpeedOptions& options,
                                                 const std::vector<LaneResult>& results) {
  std::vector<double> runs;
  std::vector<double> bare;
  double rate = 0;
  for (const LaneResult& result : results) {
    DNND_RETURN_IF_ERROR(result.status);
    runs.insert(runs.end(), result.run_seconds.begin(), result.run_seconds.end());
    bare.insert(bare.end(), result.bare_seconds.begin(), result.bare_seconds.end());
    rate += static_cast<double>(result.run_seconds.size()) / result.elapsed;
  }
  std::sort(runs.begin(), runs.end());
  constexpr double kMilliseconds = 1e3;
  nlohmann::ordered_json report;
  report["model"] = options.workload.model;
  report["batch"] = workload.batch;
  report["threads"] = workload.threads;
  report["lanes"] = options.lanes;
  report["precision"] = options.workload.precision;
  report["runs"] = runs.size();
  report["images_per_second"] = rate * static_cast<double>(workload.batch);
  report["p50_ms"] = Percentile(runs, 0.50) * kMilliseconds;
  report["p99_ms"] = Percentile(runs, 0.99) * kMilliseconds;
  report["min_ms"] = runs.front() * kMilliseconds;
  if (!bare.empty()) {
    std::sort(bare.begin(), bare.end());
    report["bare_p50_ms"] = Percentile(bare, 0.50) * kMilliseconds;
    report["rate_to_bare"] = Percentile(bare, 0.50) / Percentile(runs, 0.50);
  }
  report["weight_bytes"] = workload.model->weight_bytes();
  report["arena_bytes"] = workload.model->arena_bytes();
  report["peak_rss_bytes"] = PeakResidentBytes();
  return report;
}

void Print(const nlohmann::ordered_json& report) {
  std::printf("%s: batch %lld, %d threads, %d %s\n", report["model"].get<std::string>().c_str(),
              report["batch"].get<long long>(), report["threads"].get<int>(),
              report["lanes"].get<int>(), report["lanes"].get<int>() == 1 ? "lane" : "lanes");
  std::printf("%12.2f images/s\n", report["images_per_second"].get<double>());
  std::printf("%12.3f ms a run, median\n", report["p50_ms"].get<double>());
  std::printf("%12.3f ms, 99th percentile of %lld runs\n", report["p99_ms"].get<double>(),
              report["runs"].get<long long>());
  if (report.contains("rate_to_bare")) {
    std::printf("%12.3f ms for its convolutions and matrix products alone: %.1f %% of their rate\n",
                report["bare_p50_ms"].get<double>(), 100.0 * report["rate_to_bare"].get<double>());
  }
  std::printf("%12.1f MB resident at most, of which weights %.1f MB, arena %.1f MB\n",
              report["peak_rss_bytes"].get<double>() * 1e-6,
              report["weight_bytes"].get<double>() * 1e-6,
              report["arena_bytes"].get<double>() * 1e-6);
}

absl::Status RunSpeed(const SpeedOptions& options) {
  DNND_ASSIGN_OR_RETURN(const Workload workload, LoadWorkload(options.workload));
  if (options.lanes > workload.threads) {
    return absl::InvalidArgumentError(absl::StrCat("--lanes is ", options.lanes, " for ",
                                                   workload.threads,
                                                   " threads, wanted a thread for each"));
  }
  DNND_ASSIGN_OR_RETURN(const nlohmann::ordered_json report,
                        Summarise(workload, options, RunLanes(workload, options)));
  if (options.json) {
    std::cout << report.dump() << std::endl;
  } else {
    Print(report);
  }
  return absl::OkStatus();
}

}  // namespace

AddedCommand AddSpeed(CLI::App& app) {
  auto options = std::make_shared<SpeedOptions>();
  CLI::App* command = app.add_subcommand("speed", "Measures the rate and latency of a model");
  AddWorkloadOptions(*command, options->workload);
  command
      ->add_option("--lanes", options->lanes, "runs at the same time, which share the threads (1)")
      ->check(CLI::PositiveNumber);
  command->add_option("--seconds", options->seconds, "length of the measurement (5)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--warmup", options->warmup, "seconds before it (0.5)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--bare", options->bare,
                    "also run the convolutions and matrix products of the plan alone");
  command->add_flag("--json", options->json, "print one JSON object");
  return {command, [options] { return RunSpeed(*options); }};
}

}  // namespace dnnd::engine
