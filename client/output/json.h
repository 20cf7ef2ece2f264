#ifndef DNND_CLIENT_OUTPUT_JSON_H_
#define DNND_CLIENT_OUTPUT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace dnnd::client {

// The message in proto3 JSON on one line, without a line end: the proto's own field names, zeros
// included. INTERNAL when the message has no JSON form (an Any of an unknown type).
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_JSON_H_
