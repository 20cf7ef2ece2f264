#include "server/telemetry/logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <limits>
#include <sstream>

namespace dnnd::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string Written(LogFormat format, LogLevel level,
                    const std::function<void(const Logger&)>& write) {
  std::ostringstream stream;
  write(Logger(level, format, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream)));
  return stream.str();
}

TEST(LoggerTest, TextIsTimeLevelMessageAndFields) {
  const std::string line = Written(LogFormat::kText, LogLevel::kInfo, [](const Logger& log) {
    log.Info("model is ready", {{"model", "resnet"},
                                {"version", 3},
                                {"seconds", 0.25},
                                {"path", "a b"},
                                {"none", ""},
                                {"warm", true}});
  });
  EXPECT_THAT(line, MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z INFO .*\n"));
  EXPECT_THAT(line, EndsWith("Z INFO model is ready model=resnet version=3 seconds=0.25 "
                             "path=\"a b\" none=\"\" warm=true\n"));
}

TEST(LoggerTest, JsonIsOneObjectALine) {
  const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, [](const Logger& log) {
    log.Error("load failed", {RequestId("r-1"),
                              {"version", 3},
                              {"ok", false},
                              {"ratio", std::numeric_limits<double>::infinity()},
                              {"error", absl::NotFoundError("no \"x\"")}});
  });
  EXPECT_THAT(line, EndsWith("Z\",\"level\":\"ERROR\",\"message\":\"load failed\","
                             "\"request_id\":\"r-1\",\"version\":3,\"ok\":false,\"ratio\":\"inf\","
                             "\"error\":\"NOT_FOUND: no \\\"x\\\"\"}\n"));
}

TEST(LoggerTest, WhatAStrangerSendsCannotForgeALineOrBreakTheEncoding) {
  const std::string hostile = "a\nERROR forged\x1b[31m\x7f\xff\xc3(\xe2\x82\xac";
  for (LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = Written(format, LogLevel::kInfo, [&](const Logger& log) {
      log.Info("got", {{"value", hostile}});
    });
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_THAT(line,
                HasSubstr("\"a\\nERROR forged\\u001b[31m\\u007f\\ufffd\\ufffd(\xe2\x82\xac\""));
  }
}

TEST(LoggerTest, AValueIsCut) {
  const std::string line = Written(LogFormat::kText, LogLevel::kInfo, [](const Logger& log) {
    log.Info("got", {{"value", std::string(1 << 20, 'x')}});
  });
  EXPECT_LT(line.size(), 2200u);
}

TEST(LoggerTest, LinesBelowTheLevelAreNotWrittenAndOthersAreCounted) {
  std::ostringstream stream;
  std::vector<std::string> counted;
  const Logger log(LogLevel::kWarning, LogFormat::kText,
                   std::make_shared<spdlog::sinks::ostream_sink_mt>(stream),
                   [&](const std::string& level) { counted.push_back(level); });
  log.Debug("1");
  log.Info("2");
  log.Warning("3");
  log.Error("4");
  EXPECT_THAT(counted, ::testing::ElementsAre("warning", "error"));
  EXPECT_THAT(stream.str(), ::testing::Not(HasSubstr("INFO")));
}

}  // namespace
}  // namespace dnnd::server
