#include "server/config/settings.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace dnnd::server {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kPlaces[] = "Places";
constexpr char kCompute[] = "Computation and memory";
constexpr char kLimits[] = "Limits";
constexpr char kRunning[] = "Running";

constexpr Setting kSettings[] = {
    {"model-store", "model_store", "DIR", "folder of the models: NAME/VERSION/model.onnx", kPlaces},
    {"state-dir", "state_dir", "DIR", "folder of what survives a restart; made if missing",
     kPlaces},
    {"grpc-address", "grpc_address", "HOST:PORT", "gRPC listener [127.0.0.1:8001]; port 0: any",
     kPlaces},
    {"http-address", "http_address", "HOST:PORT",
     "metrics and health listener [127.0.0.1:8000]; port 0: any", kPlaces},
    {"ready-file", "ready_file", "FILE", "written once every model is ready or has failed",
     kPlaces},
    {"lanes", "lanes.count", "N", "narrow lanes [from the CPUs]", kCompute},
    {"decode-threads", "lanes.decode_threads", "N", "threads that decode pictures [the CPUs]",
     kCompute},
    {"memory-budget-bytes", "memory_budget_bytes", "BYTES",
     "bound for weights and arenas of all models [80 % of memory]", kCompute},
    {"precision", "precision", "NAME", "of models that name none: exact or f32 [f32]", kCompute},
    {"max-message-bytes", "limits.max_message_bytes", "BYTES",
     "largest request or reply [67108864]", kLimits},
    {"max-image-pixels", "limits.max_image_pixels", "N", "largest picture [50000000]", kLimits},
    {"max-images-per-request", "limits.max_images_per_request", "N",
     "pictures in one request [256]", kLimits},
    {"max-queued-bytes", "limits.max_queued_bytes", "BYTES", "of all admitted requests [536870912]",
     kLimits},
    {"max-connections", "limits.max_connections", "N", "open gRPC connections [1024]", kLimits},
    {"max-streams-per-connection", "limits.max_streams_per_connection", "N",
     "calls in flight on one connection [1024]", kLimits},
    {"max-open-streams", "limits.max_open_streams", "N", "open streams of frames [256]", kLimits},
    {"model-poll-interval-ms", "model_poll_interval_ms", "MS",
     "how often the store is scanned [2000]; 0: at start only", kRunning},
    {"drain-seconds", "drain_seconds", "S", "how long SIGTERM waits for requests [25]", kRunning},
    {"allow-anonymous", "allow_anonymous", "", "listen beyond loopback without TLS or tokens",
     kRunning},
    {"log-level", "log.level", "LEVEL", "debug, info, warning or error [info]", kRunning},
    {"log-format", "log.format", "FORMAT", "text or json [text]", kRunning},
};

absl::Status Wrong(absl::string_view origin, absl::string_view text, absl::string_view want) {
  return absl::InvalidArgumentError(
      absl::StrCat(origin, ": got \"", text.substr(0, 200), "\", want ", want));
}

absl::Status SetEnum(absl::string_view origin, absl::string_view text, const FieldDescriptor* field,
                     google::protobuf::Message* message) {
  const google::protobuf::EnumDescriptor* type = field->enum_type();
  const google::protobuf::EnumValueDescriptor* value =
      type->FindValueByName(absl::AsciiStrToUpper(text));
  if (value == nullptr || value->number() == 0) {
    std::vector<std::string> names;
    for (int i = 1; i < type->value_count(); ++i) {
      names.push_back(absl::AsciiStrToLower(type->value(i)->name()));
    }
    return Wrong(origin, text, absl::StrCat("one of ", absl::StrJoin(names, ", ")));
  }
  message->GetReflection()->SetEnum(message, field, value);
  return absl::OkStatus();
}

absl::Status SetField(absl::string_view origin, absl::string_view text,
                      const FieldDescriptor* field, google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, field, std::string(text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(origin, text, field, message);
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) {
        return Wrong(origin, text, "true or false");
      }
      reflection->SetBool(message, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) {
        return Wrong(origin, text, "an integer of at most 32 bits");
      }
      reflection->SetInt32(message, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) {
        return Wrong(origin, text, "an integer");
      }
      reflection->SetInt64(message, field, value);
      return absl::OkStatus();
    }
    default:
      return absl::InternalError(absl::StrCat("no text form for the type of ", field->full_name()));
  }
}

}  // namespace

absl::Span<const Setting> Settings() { return kSettings; }

std::string VariableOf(absl::string_view flag) {
  std::string name = absl::StrCat("DNND_", absl::AsciiStrToUpper(flag));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

absl::Status ApplySetting(const Setting& setting, absl::string_view origin, absl::string_view text,
                          v1::ServerConfig* config) {
  google::protobuf::Message* message = config;
  const std::vector<std::string> path = absl::StrSplit(setting.field, '.');
  for (size_t i = 0; i < path.size(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(path[i]);
    if (field == nullptr) {
      return absl::InternalError(absl::StrCat("ServerConfig has no field ", setting.field));
    }
    if (i + 1 == path.size()) {
      return SetField(origin, text, field, message);
    }
    message = message->GetReflection()->MutableMessage(message, field);
  }
  return absl::InternalError("a setting without a field");
}

}  // namespace dnnd::server
