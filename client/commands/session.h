#ifndef DNND_CLIENT_COMMANDS_SESSION_H_
#define DNND_CLIENT_COMMANDS_SESSION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/api/call.h"
#include "client/api/failure.h"
#include "client/output/console.h"
#include "google/protobuf/message.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace dnnd::client {

enum class OutputFormat { kTable, kJson };

// How long calls usually may take; --timeout wins.
constexpr absl::Duration kUsualTimeout = absl::Seconds(30);
// Of those that load a model.
constexpr absl::Duration kLoadTimeout = absl::Minutes(10);

// One run of dnnctl: the flags that every command shares, the connection, and how outcomes are
// told. Commands set `action` while the command line is read; it is run once that is done. Not
// thread-safe.
class Session {
 public:
  // The console must outlive the session. The address is DNNCTL_ADDRESS or the default.
  explicit Session(Console& console);

  Console& console() { return console_; }
  bool json() const { return output == OutputFormat::kJson; }

  // The channel to `address`, made at the first use.
  std::shared_ptr<grpc::Channel> channel();

  CallOptions call_options(absl::Duration usual_timeout = kUsualTimeout) const;

  // The reply as one line of JSON on standard output.
  ExitCode PrintJson(const google::protobuf::Message& reply);

  // Say on standard error what failed, why, and what to do. REQUIRES: !status.ok(). `usual_timeout`
  // is that of the call.
  ExitCode Fail(const grpc::Status& status, absl::Duration usual_timeout = kUsualTimeout);
  ExitCode Fail(const Failure& failure, absl::Duration usual_timeout = kUsualTimeout);

  // The same for what is wrong on this side: a flag's value, a local file. REQUIRES: !status.ok().
  ExitCode FailLocally(const absl::Status& status);

  std::string address;
  std::optional<absl::Duration> timeout;
  std::string request_id;
  OutputFormat output = OutputFormat::kTable;
  std::function<ExitCode()> action;

 private:
  Console& console_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_SESSION_H_
