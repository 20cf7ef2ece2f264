// dnnctl config: the daemon's configuration in force, in the form of its --config file.
#include <dnnd/v1/admin.grpc.pb.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>

#include "client/commands/commands.h"

namespace dnnd::client {

void AddConfigCommand(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "config", "Show the daemon's configuration in force, as its --config file has it");
  command->footer("Examples:\n  dnnctl config\n  dnnctl config > dnnd.textproto\n");
  command->callback([&session] {
    session.action = [&session] {
      grpc::ClientContext context;
      ApplyOptions(session.call_options(), context);
      dnnd::v1::GetConfigResponse reply;
      const grpc::Status status =
          dnnd::v1::AdminService::NewStub(session.channel())->GetConfig(&context, {}, &reply);
      if (!status.ok()) return session.Fail(status);
      if (session.json()) return session.PrintJson(reply);
      std::string text;
      google::protobuf::TextFormat::PrintToString(reply.config(), &text);
      session.console().out << text;
      return ExitCode::kDone;
    };
  });
}

}  // namespace dnnd::client
