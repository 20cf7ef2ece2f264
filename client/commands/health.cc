// dnnctl health: the gRPC health protocol, for people and for container health checks.
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "client/commands/commands.h"

namespace dnnd::client {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

struct HealthFlags {
  std::string name;
  bool watch = false;
};

ExitCode Print(Session& session, const HealthCheckResponse& reply) {
  const bool serving = reply.status() == HealthCheckResponse::SERVING;
  if (session.json()) {
    if (const ExitCode code = session.PrintJson(reply); code != ExitCode::kDone) return code;
  } else {
    Console& console = session.console();
    const std::string& word = HealthCheckResponse::ServingStatus_Name(reply.status());
    console.out << Styled(console, serving ? Style::kGood : Style::kBad,
                          word.empty() ? "UNKNOWN" : word)
                << std::endl;
  }
  return serving ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode Check(Session& session, const HealthCheckRequest& request) {
  grpc::ClientContext context;
  ApplyOptions(session.call_options(), context);
  HealthCheckResponse reply;
  const grpc::Status status = Health::NewStub(session.channel())->Check(&context, request, &reply);
  return status.ok() ? Print(session, reply) : session.Fail(status);
}

ExitCode Watch(Session& session, const HealthCheckRequest& request) {
  grpc::ClientContext context;
  ApplyOptions(session.call_options(absl::InfiniteDuration()), context);
  const std::unique_ptr<Health::Stub> stub = Health::NewStub(session.channel());
  const auto reader = stub->Watch(&context, request);
  HealthCheckResponse reply;
  std::optional<ExitCode> last;
  while (reader->Read(&reply)) last = Print(session, reply);
  const grpc::Status status = reader->Finish();
  // A watch that was to end with --timeout has done what it was asked to.
  const bool timed_out = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (status.ok() || (timed_out && last.has_value())) return last.value_or(ExitCode::kRefused);
  return session.Fail(status);
}

}  // namespace

void AddHealthCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<HealthFlags>();
  CLI::App* command = app.add_subcommand("health", "Tell whether the daemon, or one model, serves");
  command->add_option("NAME", flags->name, "model (default: the daemon as a whole)");
  command->add_flag("-w,--watch", flags->watch,
                    "print every change until interrupted or --timeout");
  command->footer(
      "Exit code 0 when SERVING, 1 when not.\n\nExamples:\n  dnnctl health\n  dnnctl health "
      "squeezenet --watch\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] {
      HealthCheckRequest request;
      request.set_service(flags->name);
      return flags->watch ? Watch(session, request) : Check(session, request);
    };
  });
}

}  // namespace dnnd::client
