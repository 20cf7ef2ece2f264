#include "server/handlers/model_handler.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/describe.h"
#include "server/handlers/errors.h"
#include "server/handlers/model_reference.h"

namespace dnnd::server {

namespace {

constexpr size_t kMaxQuotedLabel = 70;
constexpr absl::Duration kRetryAfterLoads = absl::Seconds(5);

Method MethodOf(ModelHandler::Change change) {
  switch (change) {
    case ModelHandler::Change::kLoad:
      return Method::kLoadModel;
    case ModelHandler::Change::kUnload:
      return Method::kUnloadModel;
    case ModelHandler::Change::kReload:
      return Method::kReloadModel;
  }
  return Method::kLoadModel;
}

// The request was right; it is the model that cannot be loaded. So the codes that speak of an
// argument become FAILED_PRECONDITION.
absl::Status ChangeError(const absl::Status& status, const std::string& name) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return status;
    case absl::StatusCode::kNotFound:
      return WithReason(status, kReasonModelNotFound, {{"model", name}});
    case absl::StatusCode::kResourceExhausted:
      return WithReason(status, kReasonMemoryBudget,
                        {{"model", name}, {"hint", "unload another model first"}});
    case absl::StatusCode::kCancelled:
      return WithReason(absl::UnavailableError(status.message()), kReasonServerDraining);
    case absl::StatusCode::kAborted:
      return WithReason(status, kReasonModelChanged, {{"model", name}});
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDeadlineExceeded:
      return WithReason(status, kReasonModelLoadFailed, {{"model", name}});
    default:
      return WithReason(absl::FailedPreconditionError(status.message()), kReasonModelLoadFailed,
                        {{"model", name}});
  }
}

absl::Status TooManyLoads(const std::string& name) {
  return WithRetryAfter(WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                       Repository::kMaxWaiting, " loads and reloads wait already")),
                                   kReasonQueueFull, {{"model", name}}),
                        kRetryAfterLoads);
}

}  // namespace

v1::ListModelsResponse ModelHandler::List(const Call& call) const {
  const RequestRecord record(telemetry_, Method::kListModels, call.request_id,
                             RequestRecord::About::kNothing);
  v1::ListModelsResponse response;
  for (const ModelStatus& status : repository_.List()) {
    *response.add_models() = server::Describe(status, labels_.Of(status.name));
  }
  record.End(absl::OkStatus());
  return response;
}

absl::StatusOr<v1::Model> ModelHandler::Describe(const std::string& name) const {
  DNND_RETURN_IF_ERROR(CheckModelName(name));
  absl::StatusOr<ModelStatus> status = repository_.Get(name);
  if (!status.ok()) {
    return WithReason(status.status(), kReasonModelNotFound, {{"model", name}});
  }
  return server::Describe(*status, labels_.Of(name));
}

absl::StatusOr<v1::Model> ModelHandler::Get(const Call& call, const std::string& name,
                                            std::optional<int64_t> version) const {
  const RequestRecord record(telemetry_, Method::kGetModel, call.request_id,
                             RequestRecord::About::kNothing);
  absl::StatusOr<v1::Model> model = Describe(name);
  if (model.ok() && version.has_value()) {
    auto& versions = *model->mutable_versions();
    for (int i = versions.size() - 1; i >= 0; --i) {
      if (versions[i].version() != *version) {
        versions.DeleteSubrange(i, 1);
      }
    }
    if (versions.empty()) {
      model = WithReason(
          absl::NotFoundError(absl::StrCat("model ", name, " has no version ", *version)),
          kReasonModelNotFound, {{"model", name}});
    }
  }
  record.End(model.status());
  return model;
}

bool ModelHandler::Start(const ChangeRequest& request, Repository::Done done) {
  switch (request.change) {
    case Change::kLoad:
      return repository_.Load(request.name, request.version, std::move(done));
    case Change::kUnload:
      repository_.Unload(request.name, request.version, std::move(done));
      return true;
    case Change::kReload:
      return repository_.Reload(request.name, request.version, std::move(done));
  }
  return false;
}

void ModelHandler::Apply(const Call& call, const ChangeRequest& request, Done<v1::Model> done) {
  // Shared, for a std::function must be copyable.
  struct State {
    RequestRecord record;
    Admission::Ticket ticket;
    Done<v1::Model> done;
  };
  auto state =
      std::make_shared<State>(State{RequestRecord(telemetry_, MethodOf(request.change),
                                                  call.request_id, RequestRecord::About::kNothing),
                                    Admission::Ticket(), std::move(done)});
  const auto finish = [state](absl::StatusOr<v1::Model> model) {
    state->record.End(model.status());
    state->done(std::move(model));
    state->ticket = Admission::Ticket();
  };
  absl::Status valid = CheckModelName(request.name);
  if (valid.ok() && request.version.has_value()) {
    valid = CheckVersion(*request.version);
  }
  absl::StatusOr<Admission::Ticket> ticket = admission_.Enter(0, telemetry_.metrics.NoModel());
  if (!valid.ok() || !ticket.ok()) {
    return finish(valid.ok() ? ticket.status() : valid);
  }
  state->ticket = *std::move(ticket);
  Repository::Done ended;
  if (request.wait) {
    ended = [this, finish, name = request.name](const absl::Status& status) {
      const absl::Status error = ChangeError(status, name);
      finish(error.ok() ? Describe(name) : error);
    };
  }
  if (!Start(request, std::move(ended))) {
    return finish(TooManyLoads(request.name));
  }
  if (request.wait) {
    return;  // `ended` finishes it, or has done so
  }
  absl::StatusOr<v1::Model> model = Describe(request.name);
  if (!model.ok()) {
    // It may lie in the store since a moment; GetModel will tell.
    model = v1::Model();
    model->set_name(request.name);
  }
  finish(std::move(model));
}

absl::Status ModelHandler::ChangeLabel(const LabelRequest& request) {
  DNND_RETURN_IF_ERROR(CheckModelName(request.name));
  if (!IsVersionLabel(request.label)) {
    return WithField(WithReason(absl::InvalidArgumentError(absl::StrCat(
                                    "got the label \"", request.label.substr(0, kMaxQuotedLabel),
                                    "\", want a letter, then letters, digits, '.', '_' or '-', at "
                                    "most 64 in all")),
                                kReasonInvalidRequest),
                     "label");
  }
  if (!request.version.has_value()) {
    return WithReason(labels_.Remove(request.name, request.label), kReasonModelNotFound,
                      {{"model", request.name}});
  }
  DNND_RETURN_IF_ERROR(
      FindModel(repository_, labels_, {request.name, request.version, ""}).status());
  return labels_.Set(request.name, request.label, *request.version);
}

absl::StatusOr<v1::Model> ModelHandler::SetLabel(const Call& call, const LabelRequest& request) {
  const RequestRecord record(telemetry_, Method::kSetVersionLabel, call.request_id,
                             RequestRecord::About::kNothing);
  const absl::StatusOr<Admission::Ticket> ticket =
      admission_.Enter(0, telemetry_.metrics.NoModel());
  absl::Status status = ticket.status();
  if (status.ok()) {
    status = ChangeLabel(request);
  }
  record.End(status);
  if (!status.ok()) {
    return status;
  }
  telemetry_.log.Info("version label changed", {{"model", request.name},
                                                {"label", request.label},
                                                {"version", request.version.value_or(0)}});
  absl::StatusOr<v1::Model> model = Describe(request.name);
  if (!model.ok()) {
    model = v1::Model();  // it left the store; its label could still be taken away
    model->set_name(request.name);
  }
  return model;
}

}  // namespace dnnd::server
