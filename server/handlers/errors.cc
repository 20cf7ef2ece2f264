#include "server/handlers/errors.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "engine/base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace dnnd::server {

namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

template <typename Message>
std::string UrlOf() {
  return absl::StrCat(kTypePrefix, Message::descriptor()->full_name());
}

template <typename Message>
std::optional<Message> GetDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(UrlOf<Message>());
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return message;
}

template <typename Message>
void SetDetail(const Message& message, absl::Status& status) {
  status.SetPayload(UrlOf<Message>(), absl::Cord(message.SerializeAsString()));
}

void SetDuration(absl::Duration delay, google::protobuf::Duration* out) {
  out->set_seconds(absl::IDivDuration(delay, absl::Seconds(1), &delay));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(delay)));
}

// For errors of parts that name no reason.
absl::string_view DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return kReasonCancelled;
    case absl::StatusCode::kDeadlineExceeded:
      return kReasonDeadlineExceeded;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
      return kReasonInvalidRequest;
    case absl::StatusCode::kNotFound:
      return kReasonModelNotFound;
    case absl::StatusCode::kResourceExhausted:
      return kReasonMemoryBudget;
    case absl::StatusCode::kUnavailable:
      return kReasonModelLoading;
    case absl::StatusCode::kFailedPrecondition:
      return kReasonModelNotLoaded;
    default:
      return kReasonInternal;
  }
}

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason, ErrorFacts facts) {
  if (status.ok()) {
    return status;
  }
  google::rpc::ErrorInfo info = GetDetail<google::rpc::ErrorInfo>(status).value_or(
      google::rpc::ErrorInfo::default_instance());
  if (info.reason().empty()) {
    info.set_reason(std::string(reason));
    info.set_domain(std::string(kErrorDomain));
  }
  for (const auto& [name, value] : facts) {
    (*info.mutable_metadata())[std::string(name)] = engine::ToUtf8(value);
  }
  SetDetail(info, status);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) {
    return status;
  }
  google::rpc::RetryInfo info;
  SetDuration(delay, info.mutable_retry_delay());
  SetDetail(info, status);
  return status;
}

absl::Status WithField(const absl::Status& status, absl::string_view field) {
  if (status.ok()) {
    return status;
  }
  absl::Status named(status.code(), absl::StrCat(field, ": ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  auto bad = GetDetail<google::rpc::BadRequest>(status);
  if (bad.has_value() && bad->field_violations_size() == 1) {
    auto& inner = *bad->mutable_field_violations(0);
    inner.set_field(absl::StrCat(engine::ToUtf8(field), ".", inner.field()));
  } else {
    bad.emplace();
    google::rpc::BadRequest::FieldViolation* violation = bad->add_field_violations();
    violation->set_field(engine::ToUtf8(field));
    violation->set_description(engine::ToUtf8(status.message()));
  }
  SetDetail(*bad, named);
  return named;
}

absl::Status InvalidOption(absl::string_view option, absl::string_view message) {
  return WithField(WithReason(absl::InvalidArgumentError(message), kReasonInvalidRequest),
                   absl::StrCat("options.", option));
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = GetDetail<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : "";
}

google::rpc::Status ToRpcStatus(const absl::Status& status, absl::string_view request_id) {
  absl::Status detailed = WithReason(status, DefaultReason(status.code()));
  if (!request_id.empty()) {
    google::rpc::RequestInfo info;
    info.set_request_id(std::string(request_id));
    SetDetail(info, detailed);
  }
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(detailed.code()));
  // It may quote what a stranger sent; a client could not read the details of other bytes.
  rpc.set_message(engine::ToUtf8(detailed.message()));
  detailed.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    auto* detail = rpc.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  return rpc;
}

}  // namespace dnnd::server
