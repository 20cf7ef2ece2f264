#include "client/api/model_version.h"

#include <dnnd/v1/models.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

// Of the version that was meant, or else of the newest.
std::string WhyNotReady(const dnnd::v1::Model& model, const dnnd::v1::ModelSpec& spec) {
  for (const dnnd::v1::ModelVersion& version : model.versions()) {
    if (spec.has_version() && version.version() != spec.version()) continue;
    return absl::StrCat(model.name(), "@", version.version(), " is ",
                        dnnd::v1::ModelVersion::State_Name(version.state()),
                        version.reason().empty() ? "" : ": ", version.reason());
  }
  return absl::StrCat("model ", spec.name(), " has no such version");
}

grpc::Status FetchModel(const std::shared_ptr<grpc::Channel>& channel, const CallOptions& options,
                        const dnnd::v1::GetModelRequest& request, dnnd::v1::Model& model) {
  grpc::ClientContext context;
  ApplyOptions(options, context);
  dnnd::v1::GetModelResponse reply;
  grpc::Status status =
      dnnd::v1::ModelService::NewStub(channel)->GetModel(&context, request, &reply);
  model = std::move(*reply.mutable_model());
  return status;
}

}  // namespace

grpc::Status ResolveLabel(const std::shared_ptr<grpc::Channel>& channel, const CallOptions& options,
                          dnnd::v1::ModelSpec& spec) {
  if (!spec.has_version_label()) return grpc::Status::OK;
  dnnd::v1::GetModelRequest request;
  request.set_name(spec.name());
  dnnd::v1::Model model;
  grpc::Status status = FetchModel(channel, options, request, model);
  if (!status.ok()) return status;
  const auto found = model.version_labels().find(spec.version_label());
  if (found == model.version_labels().end()) {
    return grpc::Status(
        grpc::StatusCode::NOT_FOUND,
        absl::StrCat("no version of ", spec.name(), " has the label ", spec.version_label()));
  }
  spec.set_version(found->second);
  return grpc::Status::OK;
}

grpc::Status FetchModelVersion(const std::shared_ptr<grpc::Channel>& channel,
                               const CallOptions& options, const dnnd::v1::ModelSpec& spec,
                               dnnd::v1::ModelVersion& version) {
  dnnd::v1::ModelSpec resolved = spec;
  if (grpc::Status status = ResolveLabel(channel, options, resolved); !status.ok()) return status;
  dnnd::v1::GetModelRequest request;
  request.set_name(resolved.name());
  if (resolved.has_version()) request.set_version(resolved.version());
  dnnd::v1::Model model;
  grpc::Status status = FetchModel(channel, options, request, model);
  if (!status.ok()) return status;
  const int64_t wanted = resolved.has_version() ? resolved.version() : model.serving_version();
  for (const dnnd::v1::ModelVersion& known : model.versions()) {
    if (known.version() != wanted || known.state() != dnnd::v1::ModelVersion::READY) continue;
    version = known;
    return grpc::Status::OK;
  }
  return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, WhyNotReady(model, resolved));
}

}  // namespace dnnd::client
