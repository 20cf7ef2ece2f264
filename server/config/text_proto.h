// Reading configuration that people write as text.
#ifndef DNND_SERVER_CONFIG_TEXT_PROTO_H_
#define DNND_SERVER_CONFIG_TEXT_PROTO_H_

#include <google/protobuf/text_format.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::server {

// A configuration is typed by hand; one that is larger is something else.
inline constexpr int64_t kMaxConfigBytes = 1 << 20;

// Where each field of a message stands in the text that it was parsed from.
using TextLocations = google::protobuf::TextFormat::ParseInfoTree;

// Parses `text` into `message`, which is cleared first. INVALID_ARGUMENT as "origin:line:column:
// what is wrong" (counted from 1) for the first fault; text that is not UTF-8 is one. Nesting is
// bounded: hostile text cannot overflow the stack. `locations` may be null.
absl::Status ParseTextProto(absl::string_view text, absl::string_view origin,
                            google::protobuf::Message* message, TextLocations* locations = nullptr);

// The same for a file. NOT_FOUND when there is none, RESOURCE_EXHAUSTED above kMaxConfigBytes.
absl::Status ReadTextProto(const std::string& path, google::protobuf::Message* message,
                           TextLocations* locations = nullptr);

// "line:column" (from 1) of the field with the path `field` ("preprocess.width") in the text that
// `message` was parsed from: of its first
// value where it has several, of the message that lacks it where it is not there. May be empty.
std::string LocateField(const TextLocations& locations, const google::protobuf::Message& message,
                        absl::string_view field);

// The line, from 1, in which text[offset] stands.
int64_t LineOf(absl::string_view text, size_t offset);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_TEXT_PROTO_H_
