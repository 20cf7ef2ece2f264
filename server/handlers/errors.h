// The details that an error carries beside code and message. They travel as payloads of
// absl::Status, under the type URLs of the google.rpc messages, so that each wire only has to copy
// them.
#ifndef DNND_SERVER_HANDLERS_ERRORS_H_
#define DNND_SERVER_HANDLERS_ERRORS_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/handlers/reasons.h"

namespace google::rpc {
class Status;
}  // namespace google::rpc

namespace dnnd::server {

// Facts by name: "got", "want", "hint", "model", "version", "limit".
using ErrorFacts = std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

// `status` with ErrorInfo{reason, "dnnd", facts}. OK stays OK. Where `status` has an ErrorInfo
// already, its reason stays and the facts are added: who knew the cause best came first.
absl::Status WithReason(absl::Status status, absl::string_view reason, ErrorFacts facts = {});

// `status` with RetryInfo. OK stays OK.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// `status` as a violation of `field` ("images[3]"): in BadRequest, and before the message. Where it
// is one already, that one's field is within this one: "tasks[3].options.top_k".
absl::Status WithField(const absl::Status& status, absl::string_view field);

// INVALID_ARGUMENT (INVALID_REQUEST) for the field options.<option>.
absl::Status InvalidOption(absl::string_view option, absl::string_view message);

// The reason in the status's ErrorInfo; empty when it has none.
std::string ReasonOf(const absl::Status& status);

// The status with all of its details as google.rpc.Status. Every error has an ErrorInfo: one that
// names no reason gets kReasonInternal, or the name of its code where that says what happened.
// `request_id`, unless it is empty, becomes RequestInfo.
google::rpc::Status ToRpcStatus(const absl::Status& status, absl::string_view request_id);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_ERRORS_H_
