// dnnctl status: how the daemon is right now.
#include <dnnd/v1/admin.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::AdminService;
using dnnd::v1::GetStatusResponse;

std::string ConditionOf(const GetStatusResponse& status) {
  if (status.draining()) return "draining: finishes what was admitted, takes nothing new";
  return status.ready() ? "ready" : "starting: models are being loaded";
}

std::string LanesOf(const dnnd::v1::LaneStatus& lanes) {
  std::string text = absl::StrCat(lanes.count(), " x ", lanes.threads_per_lane(),
                                  lanes.threads_per_lane() == 1 ? " thread" : " threads");
  if (lanes.wide_threads() > 0)
    absl::StrAppend(&text, ", 1 wide x ", lanes.wide_threads(), " threads");
  return absl::StrCat(text, " on ", lanes.cpus(), " CPUs; ", lanes.busy(), " busy, ",
                      lanes.queued_items(), " items wait");
}

void Print(Session& session, const GetStatusResponse& status) {
  const auto& models = status.models();
  const auto& memory = status.memory();
  const auto& limits = status.limits();
  Table table({{""}, {""}});
  table.AddRow({"state", ConditionOf(status)});
  table.AddRow({"version", Printable(absl::StrCat(
                               status.version(), ", oneDNN ", status.build().onednn_version(), " ",
                               status.build().isa(), ", gRPC ", status.build().grpc_version(), ", ",
                               status.build().compiler(), ", ", status.build().build_type()))});
  table.AddRow({"uptime", absl::StrCat(HumanAge(absl::Seconds(status.uptime_seconds())), ", pid ",
                                       status.pid())});
  table.AddRow({"listens", Printable(absl::StrCat("gRPC ", status.grpc_address(), ", HTTP ",
                                                  status.http_address()))});
  table.AddRow({"models", absl::StrCat(models.ready(), " ready, ", models.loading(), " loading, ",
                                       models.unloading(), " unloading, ", models.unavailable(),
                                       " unavailable")});
  table.AddRow({"memory", absl::StrCat(HumanBytes(memory.used_bytes()), " of ",
                                       HumanBytes(memory.budget_bytes()), " for models, ",
                                       HumanBytes(memory.queued_bytes()), " in requests, ",
                                       HumanBytes(memory.resident_bytes()), " resident")});
  table.AddRow({"lanes", LanesOf(status.lanes())});
  table.AddRow({"limits", absl::StrCat("message ", HumanBytes(limits.max_message_bytes()),
                                       ", picture ", limits.max_image_pixels() / 1000000, " MP, ",
                                       limits.max_images_per_request(), " pictures a request, ",
                                       HumanBytes(limits.max_queued_bytes()), " queued, ",
                                       limits.max_connections(), " connections")});
  table.Print(session.console().out);
}

}  // namespace

void AddStatusCommand(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("status", "Show how the daemon is: models, memory, lanes, limits");
  command->footer("Examples:\n  dnnctl status\n  dnnctl status --output json\n");
  command->callback([&session] {
    session.action = [&session] {
      grpc::ClientContext context;
      ApplyOptions(session.call_options(), context);
      GetStatusResponse reply;
      const grpc::Status status =
          AdminService::NewStub(session.channel())->GetStatus(&context, {}, &reply);
      if (!status.ok()) return session.Fail(status);
      if (session.json()) return session.PrintJson(reply);
      Print(session, reply);
      return ExitCode::kDone;
    };
  });
}

}  // namespace dnnd::client
