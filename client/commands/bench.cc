// dnnctl bench: load on one model, closed loop by clients or open loop by rate.
#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/api/channel.h"
#include "client/api/model_spec.h"
#include "client/api/model_version.h"
#include "client/commands/bench_print.h"
#include "client/commands/bench_workload.h"
#include "client/commands/commands.h"
#include "client/commands/duration_flag.h"
#include "client/output/progress.h"

namespace dnnd::client {
namespace {

struct BenchFlags {
  std::string model;
  std::vector<int> concurrency = {1};
  std::vector<double> rates;
  bool poisson = false;
  absl::Duration duration = absl::Seconds(10);
  absl::Duration warm_up = absl::Seconds(1);
  std::vector<std::string> images;
  std::vector<std::string> inputs;
  int items = 1;
  int connections = 1;
  uint64_t seed = 1;
};

std::vector<LoadOptions> LoadsOf(const BenchFlags& flags, const CallOptions& call) {
  LoadOptions options;
  options.poisson = flags.poisson;
  options.seed = flags.seed;
  options.duration = flags.duration;
  options.warm_up = flags.warm_up;
  options.call = call;
  std::vector<LoadOptions> loads;
  for (const double rate : flags.rates) {
    options.concurrency = 0;
    options.rate = rate;
    loads.push_back(options);
  }
  if (!loads.empty()) return loads;
  for (const int concurrency : flags.concurrency) {
    options.concurrency = concurrency;
    loads.push_back(options);
  }
  return loads;
}

std::vector<std::shared_ptr<grpc::Channel>> ConnectTimes(Session& session, int connections) {
  std::vector<std::shared_ptr<grpc::Channel>> channels = {session.channel()};
  while (static_cast<int>(channels.size()) < connections)
    channels.push_back(Connect(session.address));
  return channels;
}

// Nothing answered, or the server went away for a whole load: the exit code says why. Some failures
// among answers are a result like any other.
ExitCode OutcomeOf(Session& session, const std::vector<BenchRow>& rows) {
  const bool answered = std::any_of(
      rows.begin(), rows.end(), [](const BenchRow& row) { return row.result.done.count() > 0; });
  for (const BenchRow& row : rows) {
    const LoadResult& result = row.result;
    if (result.done.count() > 0 || !result.last_failure.has_value()) continue;
    if (!answered || result.last_failure->exit_code == ExitCode::kUnreachable) {
      return session.Fail(*result.last_failure);
    }
  }
  return ExitCode::kDone;
}

ExitCode RunLoads(Session& session, const BenchFlags& flags, const Workload& workload) {
  const std::vector<std::shared_ptr<grpc::Channel>> channels =
      ConnectTimes(session, flags.connections);
  std::vector<BenchRow> rows;
  for (const LoadOptions& options : LoadsOf(flags, session.call_options())) {
    const Progress progress(session.console(), absl::StrCat("measuring ", flags.model));
    rows.push_back({options, RunLoad(channels, workload, options)});
    if (session.json()) session.console().out << BenchJson(flags.model, rows.back()) << std::endl;
  }
  if (!session.json()) PrintBench(session.console(), rows);
  return OutcomeOf(session, rows);
}

ExitCode Bench(Session& session, const BenchFlags& flags) {
  const absl::StatusOr<dnnd::v1::ModelSpec> model = ParseModelSpec(flags.model);
  if (!model.ok()) return session.FailLocally(model.status());
  // Asked for pictures too, so that a model that is not there is told once and not in every figure.
  dnnd::v1::ModelVersion version;
  const grpc::Status status =
      FetchModelVersion(session.channel(), session.call_options(), *model, version);
  if (!status.ok()) return session.Fail(status);
  const absl::StatusOr<Workload> workload =
      flags.images.empty()
          ? TensorWorkload(*model, version.signature(), flags.inputs, flags.items, flags.seed)
          : PictureWorkload(*model, version.task(), flags.images, flags.items);
  if (!workload.ok()) return session.FailLocally(workload.status());
  return RunLoads(session, flags, *workload);
}

void AddLoadFlags(CLI::App& command, BenchFlags& flags) {
  CLI::Option* concurrency =
      command
          .add_option("-c,--concurrency", flags.concurrency,
                      "closed loop: clients that each send when they have their answer")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->type_name("N[,N...]")
          ->check(CLI::Range(1, 10000))
          ->capture_default_str();
  CLI::Option* rate = command
                          .add_option("--rate", flags.rates,
                                      "open loop: requests a second, whatever the server does")
                          ->delimiter(',')
                          ->allow_extra_args(false)
                          ->type_name("R[,R...]")
                          ->check(CLI::Range(0.001, 1e6))
                          ->excludes(concurrency);
  command.add_flag("--poisson", flags.poisson, "open loop with random gaps instead of even ones")
      ->needs(rate);
  AddDurationFlag(
      command, "-d,--duration", [&flags](absl::Duration duration) { flags.duration = duration; },
      absl::Milliseconds(1), absl::Hours(24), "measured time of each load (default 10s)");
  AddDurationFlag(
      command, "--warm-up", [&flags](absl::Duration duration) { flags.warm_up = duration; },
      absl::ZeroDuration(), absl::Hours(24), "unmeasured time before it (default 1s)");
  command
      .add_option("--connections", flags.connections,
                  "connections that the requests are spread over")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

void AddWorkloadFlags(CLI::App& command, BenchFlags& flags) {
  CLI::Option* image = command
                           .add_option("--image", flags.images,
                                       "ask about these pictures, or those in these folders, in "
                                       "turn, by the method of the model's task")
                           ->type_name("FILE");
  command
      .add_flag(
          "--random", [](int64_t) {}, "send random tensors of the model's signature (the default)")
      ->excludes(image);
  command
      .add_option("-i,--input", flags.inputs,
                  "replace an input of the random tensors: NAME=rand,1x3x320x320 or NAME=@FILE.npy")
      ->type_name("INPUT")
      ->allow_extra_args(false)
      ->excludes(image);
  command.add_option("-n,--items", flags.items, "pictures or rows in each request")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command.add_option("--seed", flags.seed, "of random tensors and gaps")->capture_default_str();
}

}  // namespace

void AddBenchCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<BenchFlags>();
  CLI::App* command =
      app.add_subcommand("bench", "Measure throughput and latency of a model under load");
  command->add_option("MODEL", flags->model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  AddLoadFlags(*command, *flags);
  AddWorkloadFlags(*command, *flags);
  command->footer(
      "Latency runs from when a request was due, so that a slow server is not hidden by a client "
      "that waits for it.\nBATCH is the mean size of the batches that the server "
      "computed.\n\nExamples:\n  dnnctl bench resnet56_cifar10 --concurrency 1,4,16 --duration "
      "10s\n  dnnctl bench yolox --image pictures/ --rate 200 --poisson --timeout 250ms\n  "
      "dnnctl bench yunet --input input=rand,1x3x320x320 --output json\n");
  command->callback(
      [&session, flags] { session.action = [&session, flags] { return Bench(session, *flags); }; });
}

}  // namespace dnnd::client
