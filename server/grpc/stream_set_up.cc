#include "server/grpc/stream_set_up.h"

#include "absl/strings/str_cat.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

absl::Status Invalid(absl::string_view message) {
  return WithReason(absl::InvalidArgumentError(message), kReasonInvalidRequest);
}

}  // namespace

absl::Status CheckSetUp(bool has_question, const v1::StreamOptions& options, size_t bytes) {
  if (!has_question) {
    return Invalid("got a first message without a model or a task, want what to do with frames");
  }
  if (options.has_max_age_ms() && options.max_age_ms() < 1) {
    return WithField(Invalid(absl::StrCat("got ", options.max_age_ms(), ", want 1 or more")),
                     "stream.max_age_ms");
  }
  if (bytes > kMaxSetUpBytes) {
    return Invalid(
        absl::StrCat("got ", bytes, " bytes beside the frame, want at most ", kMaxSetUpBytes));
  }
  return absl::OkStatus();
}

absl::Status NotAMessage(absl::string_view type) {
  return Invalid(absl::StrCat("got bytes that cannot be read, want a message ", type));
}

}  // namespace dnnd::server
