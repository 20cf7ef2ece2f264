#include "server/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "server/config/settings.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

absl::StatusOr<Invocation> Parse(std::vector<std::string> arguments, Variables variables = {}) {
  std::vector<const char*> argv = {"dnnd"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  const auto environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data(), environment, "1.2.3");
}

std::vector<std::string> WithFolders(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--model-store", "m", "--state-dir", "s"});
  return arguments;
}

TEST(CommandLineTest, TwoFoldersAreEnoughAndEveryDefaultIsFilledIn) {
  const auto invocation = Parse(WithFolders({}));
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->action, Invocation::Action::kServe);
  const ServerOptions& options = invocation->options;
  EXPECT_EQ(options.listen.grpc.ToString(), "127.0.0.1:8001");
  EXPECT_EQ(options.listen.http.ToString(), "127.0.0.1:8000");
  EXPECT_EQ(options.store.model_store, "m");
  EXPECT_EQ(options.store.state_dir, "s");
  EXPECT_EQ(options.store.poll_interval, absl::Seconds(2));
  EXPECT_GT(options.store.memory_budget_bytes, 0);
  EXPECT_EQ(options.store.precision, v1::ModelConfig::F32);
  EXPECT_EQ(options.limits.max_message_bytes, 64 << 20);
  EXPECT_EQ(options.limits.max_queued_bytes, 512 << 20);
  EXPECT_EQ(options.drain, absl::Seconds(25));
}

TEST(CommandLineTest, AFlagWinsOverAVariableOverTheFileOverTheDefault) {
  dnnd::testing::TempDir folder;
  const std::string file = folder.Write("dnnd.textproto",
                                        "drain_seconds: 1 model_poll_interval_ms: 100 limits { "
                                        "max_connections: 7 } log { level: ERROR }");
  const auto invocation =
      Parse(WithFolders({"--config", file, "--drain-seconds", "3"}),
            {{"DNND_DRAIN_SECONDS", "2"}, {"DNND_MODEL_POLL_INTERVAL_MS", "200"}});
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->options.drain, absl::Seconds(3));
  EXPECT_EQ(invocation->options.store.poll_interval, absl::Milliseconds(200));
  EXPECT_EQ(invocation->options.limits.max_connections, 7);
  EXPECT_EQ(invocation->options.log.level, v1::ServerConfig::Log::ERROR);
  EXPECT_EQ(invocation->options.limits.max_streams_per_connection, 1024);
  EXPECT_EQ(invocation->options.limits.max_open_streams, 256);
}

TEST(CommandLineTest, TheFileMayBeNamedByAVariable) {
  dnnd::testing::TempDir folder;
  const std::string file =
      folder.Write("dnnd.textproto", "model_store: \"a\" state_dir: \"b\" drain_seconds: 9");
  const auto invocation = Parse({}, {{"DNND_CONFIG", file}});
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->options.drain, absl::Seconds(9));
}

TEST(CommandLineTest, VariablesThatAreNotOursAreLeftAlone) {
  EXPECT_THAT(Parse(WithFolders({}), {{"DNND_SERVICE_HOST", "10.0.0.1"}, {"DNND_PORT", "tcp://"}}),
              IsOk());
}

TEST(CommandLineTest, VariablesThatNoSettingHasAreFound) {
  const char* const environment[] = {"DNND_MODEL_STOR=m", "DNND_MODEL_STORE=m", "DNND_CONFIG=f",
                                     "DNND_GRPC_PORT=8001", "DNND_LOG", "HOME=/",
                                     // Of an orchestrator, for services dnnd and dnnd-gpu.
                                     "DNND_PORT=tcp://10.0.0.1:8001",
                                     "DNND_PORT_8001_TCP=tcp://10.0.0.1:8001",
                                     "DNND_PORT_8001_TCP_PROTO=tcp", "DNND_SERVICE_HOST=10.0.0.1",
                                     "DNND_GPU_SERVICE_PORT_GRPC=8001", nullptr};
  EXPECT_THAT(UnknownVariables(environment),
              ::testing::ElementsAre("DNND_MODEL_STOR", "DNND_GRPC_PORT", "DNND_LOG"));
}

TEST(CommandLineTest, EverySettingHasAFieldAndSaysItsVariable) {
  for (const Setting& setting : Settings()) {
    v1::ServerConfig config;
    const char* text = setting.value == absl::string_view("NAME")     ? "bf16"
                       : setting.value == absl::string_view("LEVEL")  ? "debug"
                       : setting.value == absl::string_view("FORMAT") ? "json"
                       : setting.value[0] == '\0'                     ? "true"
                                                                      : "65536";
    EXPECT_THAT(ApplySetting(setting, "test", text, &config), IsOk()) << setting.flag;
    EXPECT_GT(config.ByteSizeLong(), 0u) << setting.flag;
  }
  EXPECT_EQ(VariableOf("grpc-address"), "DNND_GRPC_ADDRESS");
}

TEST(CommandLineTest, HelpNamesEverySettingAndShowsExamplesAndHidesTheChild) {
  const auto invocation = Parse({"--help"});
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->action, Invocation::Action::kPrint);
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(invocation->text, HasSubstr(std::string("--") + setting.flag));
  }
  EXPECT_THAT(invocation->text, AllOf(HasSubstr("Examples:"), Not(HasSubstr("check-model"))));
}

TEST(CommandLineTest, VersionNeedsNothingElse) {
  const auto invocation = Parse({"--version"});
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->text, "dnnd 1.2.3\n");
}

TEST(CommandLineTest, CheckConfigValidatesAsServingDoes) {
  const auto invocation = Parse(WithFolders({"--check-config"}));
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->action, Invocation::Action::kCheckConfig);
  EXPECT_THAT(Parse({"--check-config"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model_store: got none")));
}

TEST(CommandLineTest, TheChildThatChecksAModelNeedsNoFolders) {
  const auto invocation =
      Parse({"--check-model", "f.onnx", "--check-model-memory-bytes", "5000000000",
             "--check-model-cpu-seconds", "60", "--precision", "exact"});
  ASSERT_THAT(invocation, IsOk());
  EXPECT_EQ(invocation->action, Invocation::Action::kCheckModel);
  EXPECT_EQ(invocation->check.file, "f.onnx");
  EXPECT_EQ(invocation->check.memory_bytes, 5000000000);
  EXPECT_EQ(invocation->check.cpu_seconds, 60);
  EXPECT_EQ(invocation->check.precision, v1::ModelConfig::EXACT);
}

TEST(CommandLineTest, WhatIsWrongIsNamedWithWhatWasGotAndWanted) {
  struct Case {
    std::vector<std::string> arguments;
    Variables variables;
    const char* message;
  };
  dnnd::testing::TempDir open;
  open.Write("open.textproto", "http_address: \"[::]:8000\"");
  const Case cases[] = {
      {{"--no-such-flag"}, {}, "--no-such-flag"},
      {{"stray"}, {}, "stray"},
      {{"--drain-seconds", "soon"}, {}, "--drain-seconds: got \"soon\", want an integer"},
      {{"--drain-seconds", "3601"}, {}, "drain_seconds: got 3601, want 0 to 3600"},
      {{}, {{"DNND_LOG_LEVEL", "loud"}}, "DNND_LOG_LEVEL: got \"loud\", want one of debug, info"},
      {{"--grpc-address", "8001"}, {}, "grpc_address: got address \"8001\", want HOST:PORT"},
      {{"--grpc-address", "0.0.0.0:8001"}, {}, "--allow-anonymous"},
      {{}, {{"DNND_GRPC_ADDRESS", "[::]:8001"}}, "grpc_address: got [::]:8001"},
      {{}, {{"DNND_HTTP_ADDRESS", "0.0.0.0:80"}}, "http_address: got 0.0.0.0:80"},
      {{"--config", open.path() + "/open.textproto"}, {}, "http_address: got [::]:8000"},
      {{"--precision", "bf16"}, {}, "precision: got BF16, want EXACT or F32"},
      {{"--grpc-address", "127.0.0.1:8000"}, {}, "want two different ports"},
      {{"--model-poll-interval-ms", "50"}, {}, "want 100 to 86400000"},
      {{"--max-queued-bytes", "70000"}, {}, "limits.max_queued_bytes: got 70000, want 67108864"},
      {{"--lanes", "0"}, {}, "lanes.count: got 0"},
      {{"--config", "/no/such/file"}, {}, "/no/such/file"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(
        Parse(WithFolders(c.arguments), c.variables),
        ::testing::ResultOf([](const auto& got) { return std::string(got.status().message()); },
                            HasSubstr(c.message)));
  }
}
}  // namespace
}  // namespace dnnd::server
