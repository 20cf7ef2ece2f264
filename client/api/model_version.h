#ifndef DNND_CLIENT_API_MODEL_VERSION_H_
#define DNND_CLIENT_API_MODEL_VERSION_H_

#include <memory>

#include "client/api/call.h"
#include "dnnd/v1/common.pb.h"
#include "dnnd/v1/models.pb.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace dnnd::client {

// Asks the server for the version that `spec` names, or else for the one that serves.
// FAILED_PRECONDITION when it is not ready, with its state and why.
grpc::Status FetchModelVersion(const std::shared_ptr<grpc::Channel>& channel,
                               const CallOptions& options, const dnnd::v1::ModelSpec& spec,
                               dnnd::v1::ModelVersion& version);

// Puts the version that a label names now in the label's place, for methods that take versions
// alone; without a label nothing happens. NOT_FOUND when the model has no such label, and whatever
// GetModel says.
grpc::Status ResolveLabel(const std::shared_ptr<grpc::Channel>& channel, const CallOptions& options,
                          dnnd::v1::ModelSpec& spec);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_MODEL_VERSION_H_
