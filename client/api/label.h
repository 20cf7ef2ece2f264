#ifndef DNND_CLIENT_API_LABEL_H_
#define DNND_CLIENT_API_LABEL_H_

#include <memory>

#include "client/api/call.h"
#include "dnnd/v1/common.pb.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace dnnd::client {

// Puts the version that a label names now in the label's place, for methods that take versions
// alone; without a label nothing happens. NOT_FOUND when the model has no such label, and whatever
// GetModel says.
grpc::Status ResolveLabel(const std::shared_ptr<grpc::Channel>& channel, const CallOptions& options,
                          dnnd::v1::ModelSpec& spec);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_LABEL_H_
