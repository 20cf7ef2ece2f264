// Reading configuration that people write as text.
#ifndef DNND_SERVER_CONFIG_TEXT_PROTO_H_
#define DNND_SERVER_CONFIG_TEXT_PROTO_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace dnnd::server {

// A configuration is typed by hand; one that is larger is something else.
inline constexpr int64_t kMaxConfigBytes = 1 << 20;

// Parses `text` into `message`, which is cleared first. INVALID_ARGUMENT as "origin:line:column:
// what is wrong" (counted from 1) for the first fault. Nesting is bounded: hostile text cannot
// overflow the stack.
absl::Status ParseTextProto(absl::string_view text, absl::string_view origin,
                            google::protobuf::Message* message);

// The same for a file. NOT_FOUND when there is none, RESOURCE_EXHAUSTED above kMaxConfigBytes.
absl::Status ReadTextProto(const std::string& path, google::protobuf::Message* message);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_TEXT_PROTO_H_
