// Structured logs: one line an event, a message that never varies and fields that do.
#ifndef DNND_SERVER_TELEMETRY_LOGGER_H_
#define DNND_SERVER_TELEMETRY_LOGGER_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}  // namespace sinks
}  // namespace spdlog

namespace dnnd::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat {
  kText,  // 2026-11-22T10:00:00.000Z INFO model is ready model=resnet version=3
  kJson,  // {"time":"…","level":"INFO","message":"model is ready","model":"resnet","version":3}
};

// A named value. The key is a literal of ours.
struct LogField {
  LogField(absl::string_view key, absl::string_view value);
  LogField(absl::string_view key, const std::string& value);
  LogField(absl::string_view key, const char* value);
  LogField(absl::string_view key, int64_t value);
  LogField(absl::string_view key, int value);
  LogField(absl::string_view key, double value);
  LogField(absl::string_view key, bool value);
  LogField(absl::string_view key, const absl::Status& value);

  absl::string_view key;
  std::string value;
  bool quoted = true;  // whether JSON needs it quoted
};

// The field that every line about a request carries.
LogField RequestId(absl::string_view id);

// Thread-safe. A line is written whole. Values may come from strangers: control characters, quotes
// and bytes that are not UTF-8 are escaped, so that a line stays a line; a value is cut at 2000
// bytes.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  // Writes to standard error. `on_line` (may be empty) is called with "error", "warning", … for
  // each line that is written: it counts them.
  Logger(LogLevel level, LogFormat format, std::function<void(const std::string&)> on_line = {});
  // Writes to `sink`: for tests.
  Logger(LogLevel level, LogFormat format, std::shared_ptr<spdlog::sinks::sink> sink,
         std::function<void(const std::string&)> on_line = {});
  ~Logger();

  void Debug(absl::string_view message, Fields fields = {}) const;
  void Info(absl::string_view message, Fields fields = {}) const;
  void Warning(absl::string_view message, Fields fields = {}) const;
  void Error(absl::string_view message, Fields fields = {}) const;

  // Whether a line of this level would be written: to spare the making of costly fields.
  bool Writes(LogLevel level) const { return level >= level_; }

 private:
  void Write(LogLevel level, absl::string_view message, Fields fields) const;

  const LogLevel level_;
  const LogFormat format_;
  const std::unique_ptr<spdlog::logger> logger_;
  const std::function<void(const std::string&)> on_line_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_LOGGER_H_
