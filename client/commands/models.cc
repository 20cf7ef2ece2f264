// dnnctl models: what the daemon serves, and changing that.
#include <dnnd/v1/models.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/api/model_spec.h"
#include "client/api/model_version.h"
#include "client/commands/commands.h"
#include "client/commands/models_print.h"
#include "client/output/progress.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::ModelService;

struct ModelFlags {
  std::string model;
  bool quiet = false;
  bool no_wait = false;
  std::string label;
  bool remove = false;
};

void AddList(CLI::App& models, Session& session) {
  const auto flags = std::make_shared<ModelFlags>();
  CLI::App* command = models.add_subcommand("list", "List every model and version");
  command->add_flag("-q,--quiet", flags->quiet, "print names only");
  command->footer("Examples:\n  dnnctl models list\n  dnnctl models list --output json\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] {
      grpc::ClientContext context;
      ApplyOptions(session.call_options(), context);
      dnnd::v1::ListModelsResponse reply;
      const grpc::Status status =
          ModelService::NewStub(session.channel())->ListModels(&context, {}, &reply);
      if (!status.ok()) return session.Fail(status);
      if (session.json()) return session.PrintJson(reply);
      flags->quiet ? PrintModelNames(session.console(), reply)
                   : PrintModelList(session.console(), reply);
      return ExitCode::kDone;
    };
  });
}

// The model of requests that take a name and an optional version; a label's version is asked for.
template <typename Request>
ExitCode FillRequest(Session& session, const std::string& text, Request& request) {
  absl::StatusOr<dnnd::v1::ModelSpec> spec = ParseModelSpec(text);
  if (!spec.ok()) return session.FailLocally(spec.status());
  const grpc::Status resolved = ResolveLabel(session.channel(), session.call_options(), *spec);
  if (!resolved.ok()) return session.Fail(resolved);
  request.set_name(spec->name());
  if (spec->has_version()) request.set_version(spec->version());
  return ExitCode::kDone;
}

void AddDescribe(CLI::App& models, Session& session) {
  const auto flags = std::make_shared<ModelFlags>();
  CLI::App* command =
      models.add_subcommand("describe", "Show a model: signature, state, memory, what was assumed");
  command->add_option("MODEL", flags->model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  command->footer(
      "Examples:\n  dnnctl models describe squeezenet\n  dnnctl models describe squeezenet@2\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] {
      dnnd::v1::GetModelRequest request;
      if (const ExitCode code = FillRequest(session, flags->model, request);
          code != ExitCode::kDone)
        return code;
      grpc::ClientContext context;
      ApplyOptions(session.call_options(), context);
      dnnd::v1::GetModelResponse reply;
      const grpc::Status status =
          ModelService::NewStub(session.channel())->GetModel(&context, request, &reply);
      if (!status.ok()) return session.Fail(status);
      if (session.json()) return session.PrintJson(reply);
      PrintModel(session.console(), reply.model());
      return ExitCode::kDone;
    };
  });
}

template <typename Request, typename Reply>
using Method = grpc::Status (ModelService::Stub::*)(grpc::ClientContext*, const Request&, Reply*);

// What load, unload and reload have in common: all but their names.
template <typename Request, typename Reply>
ExitCode Change(Session& session, const ModelFlags& flags, Method<Request, Reply> method,
                absl::string_view doing) {
  Request request;
  if (const ExitCode code = FillRequest(session, flags.model, request); code != ExitCode::kDone)
    return code;
  request.set_wait(!flags.no_wait);
  grpc::ClientContext context;
  ApplyOptions(session.call_options(kLoadTimeout), context);
  Reply reply;
  grpc::Status status;
  {
    const Progress progress(session.console(), absl::StrCat(doing, " ", flags.model));
    status = ((*ModelService::NewStub(session.channel())).*method)(&context, request, &reply);
  }
  if (!status.ok()) return session.Fail(status, kLoadTimeout);
  if (session.json()) return session.PrintJson(reply);
  if (flags.no_wait) {
    session.console().out << doing << ' ' << Printable(flags.model)
                          << " has begun; dnnctl models list tells how it goes\n";
    return ExitCode::kDone;
  }
  dnnd::v1::ListModelsResponse one;
  *one.add_models() = reply.model();
  PrintModelList(session.console(), one);
  return ExitCode::kDone;
}

template <typename Request, typename Reply>
void AddChange(CLI::App& models, Session& session, const std::string& verb,
               const std::string& doing, const std::string& description,
               Method<Request, Reply> method) {
  const auto flags = std::make_shared<ModelFlags>();
  CLI::App* command = models.add_subcommand(verb, description);
  command->add_option("MODEL", flags->model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  command->add_flag("--no-wait", flags->no_wait, "return once it has begun, not at its end");
  command->footer(absl::StrCat("Examples:\n  dnnctl models ", verb, " squeezenet\n  dnnctl models ",
                               verb, " squeezenet@2 --no-wait\n"));
  command->callback([&session, flags, method, doing] {
    session.action = [&session, flags, method, doing] {
      return Change(session, *flags, method, doing);
    };
  });
}

void AddLabel(CLI::App& models, Session& session) {
  const auto flags = std::make_shared<ModelFlags>();
  CLI::App* command =
      models.add_subcommand("label", "Make a label name a version, or take the label away");
  command->add_option("MODEL", flags->model, "NAME@VERSION or NAME@LABEL, or NAME with --remove")
      ->required();
  command->add_option("LABEL", flags->label, "such as stable; requests then name NAME@stable")
      ->required();
  command->add_flag("--remove", flags->remove, "take the label away");
  command->footer(
      "Examples:\n  dnnctl models label squeezenet@2 stable\n  dnnctl models label squeezenet "
      "canary --remove\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] {
      dnnd::v1::SetVersionLabelRequest request;
      if (const ExitCode code = FillRequest(session, flags->model, request);
          code != ExitCode::kDone)
        return code;
      if (request.has_version() == flags->remove)
        return session.FailLocally(absl::InvalidArgumentError(
            absl::StrCat("want NAME@VERSION, or NAME with --remove, got ", flags->model,
                         flags->remove ? " with --remove" : "")));
      request.set_label(flags->label);
      grpc::ClientContext context;
      ApplyOptions(session.call_options(), context);
      dnnd::v1::SetVersionLabelResponse reply;
      const grpc::Status status =
          ModelService::NewStub(session.channel())->SetVersionLabel(&context, request, &reply);
      if (!status.ok()) return session.Fail(status);
      if (session.json()) return session.PrintJson(reply);
      if (flags->remove) {
        session.console().out << Printable(request.name()) << '@' << Printable(request.label())
                              << " names nothing any more\n";
      } else {
        PrintLabels(session.console(), reply.model());
      }
      return ExitCode::kDone;
    };
  });
}

}  // namespace

void AddModelsCommand(CLI::App& app, Session& session) {
  using Stub = ModelService::Stub;
  CLI::App* models =
      app.add_subcommand("models", "List, describe, load, unload, reload and label models");
  models->require_subcommand(1);
  models->footer(
      "Examples:\n  dnnctl models list\n  dnnctl models describe squeezenet\n  dnnctl models "
      "reload squeezenet\n");
  AddList(*models, session);
  AddDescribe(*models, session);
  AddChange<dnnd::v1::LoadModelRequest, dnnd::v1::LoadModelResponse>(
      *models, session, "load", "loading", "Load a version, or those that the model's policy names",
      &Stub::LoadModel);
  AddChange<dnnd::v1::UnloadModelRequest, dnnd::v1::UnloadModelResponse>(
      *models, session, "unload", "unloading", "Stop serving a version, or the whole model",
      &Stub::UnloadModel);
  AddChange<dnnd::v1::ReloadModelRequest, dnnd::v1::ReloadModelResponse>(
      *models, session, "reload", "reloading",
      "Read files and configuration again; the old version serves meanwhile", &Stub::ReloadModel);
  AddLabel(*models, session);
}

}  // namespace dnnd::client
