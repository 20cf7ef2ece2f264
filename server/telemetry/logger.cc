#include "server/telemetry/logger.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/utf8.h"

namespace dnnd::server {
namespace {

constexpr size_t kMaxValueBytes = 2000;

struct LevelNames {
  spdlog::level::level_enum level;
  const char* shown;
  const char* counted;
};
constexpr LevelNames kLevels[] = {{spdlog::level::debug, "DEBUG", "debug"},
                                  {spdlog::level::info, "INFO", "info"},
                                  {spdlog::level::warn, "WARNING", "warning"},
                                  {spdlog::level::err, "ERROR", "error"}};

// The inside of a JSON string; text lines use the same escapes.
std::string Escaped(absl::string_view text) {
  std::string out;
  const bool cut = text.size() > kMaxValueBytes;
  text = text.substr(0, kMaxValueBytes);
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const size_t length = engine::Utf8Length(text, i);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", text.substr(i, 1));
    } else if (c == '\n') {
      absl::StrAppend(&out, "\\n");
    } else if (c < 0x20 || c == 0x7F) {
      absl::StrAppend(&out, absl::StrFormat("\\u%04x", c));
    } else if (length == 0) {
      absl::StrAppend(&out, "\\ufffd");
    } else {
      absl::StrAppend(&out, text.substr(i, length));
    }
    i += length == 0 ? 1 : length;
  }
  return cut ? out + "..." : out;
}

// A text value stands bare where no reader can mistake it.
std::string TextValue(const std::string& value) {
  const bool bare = !value.empty() && value.find_first_of(" =\"\\\n\t") == std::string::npos;
  const std::string escaped = Escaped(value);
  return bare && escaped == value ? value : absl::StrCat("\"", escaped, "\"");
}

std::string TextLine(absl::string_view level, absl::string_view message, Logger::Fields fields) {
  std::string line = absl::StrCat(level, " ", Escaped(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=", TextValue(field.value));
  }
  return line;
}

std::string JsonLine(absl::string_view level, absl::string_view message, Logger::Fields fields) {
  std::string line =
      absl::StrCat("\"level\":\"", level, "\",\"message\":\"", Escaped(message), "\"");
  for (const LogField& field : fields) {
    const char* quote = field.quoted ? "\"" : "";
    absl::StrAppend(&line, ",\"", field.key, "\":", quote, Escaped(field.value), quote);
  }
  return line;
}

std::unique_ptr<spdlog::logger> MakeLogger(LogFormat format,
                                           std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = std::make_unique<spdlog::logger>("dnnd", std::move(sink));
  // The time is spdlog's, in UTC; all else is in %v. Levels are judged before.
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::kJson ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}"
                                 : "%Y-%m-%dT%H:%M:%S.%eZ %v",
      spdlog::pattern_time_type::utc, "\n"));
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

LogField::LogField(absl::string_view k, absl::string_view v) : key(k), value(v) {}
LogField::LogField(absl::string_view k, const std::string& v) : key(k), value(v) {}
LogField::LogField(absl::string_view k, const char* v) : key(k), value(v) {}
LogField::LogField(absl::string_view k, int64_t v)
    : key(k), value(absl::StrCat(v)), quoted(false) {}
LogField::LogField(absl::string_view k, int v) : LogField(k, int64_t{v}) {}
LogField::LogField(absl::string_view k, double v)
    : key(k), value(absl::StrFormat("%.6g", v)), quoted(!std::isfinite(v)) {}
LogField::LogField(absl::string_view k, bool v)
    : key(k), value(v ? "true" : "false"), quoted(false) {}
LogField::LogField(absl::string_view k, const absl::Status& v) : key(k), value(v.ToString()) {}

LogField RequestId(absl::string_view id) { return {"request_id", id}; }

Logger::Logger(LogLevel level, LogFormat format, std::function<void(const std::string&)> on_line)
    : Logger(level, format, std::make_shared<spdlog::sinks::stderr_sink_mt>(), std::move(on_line)) {
}

Logger::Logger(LogLevel level, LogFormat format, std::shared_ptr<spdlog::sinks::sink> sink,
               std::function<void(const std::string&)> on_line)
    : level_(level),
      format_(format),
      logger_(MakeLogger(format, std::move(sink))),
      on_line_(std::move(on_line)) {}

Logger::~Logger() = default;

void Logger::Write(LogLevel level, absl::string_view message, Fields fields) const {
  if (!Writes(level)) {
    return;
  }
  const LevelNames& names = kLevels[static_cast<int>(level)];
  const std::string line = format_ == LogFormat::kJson ? JsonLine(names.shown, message, fields)
                                                       : TextLine(names.shown, message, fields);
  logger_->log(names.level, spdlog::string_view_t(line.data(), line.size()));
  if (on_line_) {
    on_line_(names.counted);
  }
}

void Logger::Debug(absl::string_view message, Fields fields) const {
  Write(LogLevel::kDebug, message, fields);
}
void Logger::Info(absl::string_view message, Fields fields) const {
  Write(LogLevel::kInfo, message, fields);
}
void Logger::Warning(absl::string_view message, Fields fields) const {
  Write(LogLevel::kWarning, message, fields);
}
void Logger::Error(absl::string_view message, Fields fields) const {
  Write(LogLevel::kError, message, fields);
}

}  // namespace dnnd::server
