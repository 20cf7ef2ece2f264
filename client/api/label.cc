#include "client/api/label.h"

#include <dnnd/v1/models.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"

namespace dnnd::client {

grpc::Status ResolveLabel(const std::shared_ptr<grpc::Channel>& channel, const CallOptions& options,
                          dnnd::v1::ModelSpec& spec) {
  if (!spec.has_version_label()) return grpc::Status::OK;
  dnnd::v1::GetModelRequest request;
  request.set_name(spec.name());
  grpc::ClientContext context;
  ApplyOptions(options, context);
  dnnd::v1::GetModelResponse reply;
  grpc::Status status =
      dnnd::v1::ModelService::NewStub(channel)->GetModel(&context, request, &reply);
  if (!status.ok()) return status;
  const auto& labels = reply.model().version_labels();
  const auto found = labels.find(spec.version_label());
  if (found == labels.end()) {
    return grpc::Status(
        grpc::StatusCode::NOT_FOUND,
        absl::StrCat("no version of ", spec.name(), " has the label ", spec.version_label()));
  }
  spec.set_version(found->second);
  return grpc::Status::OK;
}

}  // namespace dnnd::client
