// The error of a load as strangers may read it.
#ifndef DNND_SERVER_REPOSITORY_CLIENT_ERROR_H_
#define DNND_SERVER_REPOSITORY_CLIENT_ERROR_H_

#include <string>

#include "absl/status/status.h"

namespace dnnd::server {

// `status` with the files below `folder` named relative to it ("1/model.onnx"): where the store
// lies on the server is nobody's business. The message is UTF-8 then, whatever a model file put
// into it. OK stays OK.
absl::Status ForClients(const absl::Status& status, const std::string& folder);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_CLIENT_ERROR_H_
