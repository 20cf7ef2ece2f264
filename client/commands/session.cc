#include "client/commands/session.h"

#include <grpcpp/support/status.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/api/channel.h"
#include "client/output/json.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

// One line: the reason, which fields, what was got and wanted, and the id to look for in the
// server's log. What the message says already is not said again.
std::string Why(const Failure& failure) {
  const auto is_news = [&failure](const std::string& text) {
    return !text.empty() && !absl::StrContains(failure.message, text);
  };
  std::vector<std::string> parts;
  parts.push_back(failure.reason.empty() ? failure.code
                                         : absl::StrCat(failure.reason, " (", failure.code, ")"));
  for (const auto& [field, description] : failure.fields) {
    parts.push_back(is_news(description) ? absl::StrCat(field, ": ", description) : field);
  }
  for (const auto& [name, value] : failure.metadata) {
    if (name != "hint" && is_news(value)) parts.push_back(absl::StrCat(name, ": ", value));
  }
  if (!failure.request_id.empty()) {
    parts.push_back(absl::StrCat("request id: ", failure.request_id));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace

Session::Session(Console& console) : console_(console) {
  address = console.environment("DNNCTL_ADDRESS");
  if (address.empty()) address = std::string(kDefaultAddress);
}

std::shared_ptr<grpc::Channel> Session::channel() {
  if (channel_ == nullptr) channel_ = Connect(address);
  return channel_;
}

CallOptions Session::call_options(absl::Duration usual_timeout) const {
  return CallOptions{timeout.value_or(usual_timeout), request_id};
}

ExitCode Session::PrintJson(const google::protobuf::Message& reply) {
  const absl::StatusOr<std::string> json = ToJson(reply);
  if (!json.ok()) {
    console_.err << "error: " << json.status().message() << '\n';
    return ExitCode::kRefused;
  }
  console_.out << *json << std::endl;
  return ExitCode::kDone;
}

ExitCode Session::Fail(const grpc::Status& status, absl::Duration usual_timeout) {
  return Fail(ReadFailure(status), usual_timeout);
}

ExitCode Session::Fail(const Failure& failure, absl::Duration usual_timeout) {
  console_.err << "error: " << Printable(failure.message) << "\n  why: " << Printable(Why(failure))
               << '\n';
  const std::string hint = HintFor(failure, address, timeout.value_or(usual_timeout));
  if (!hint.empty()) console_.err << "  hint: " << Printable(hint) << '\n';
  return failure.exit_code;
}

ExitCode Session::FailLocally(const absl::Status& status) {
  console_.err << "error: " << Printable(std::string(status.message())) << '\n';
  return ExitCode::kUsage;
}

}  // namespace dnnd::client
