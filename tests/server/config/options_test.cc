#include "server/config/options.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "server/config/text_proto.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(AddressTest, ReadsAndWritesNamesIpv4AndIpv6) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    bool loopback;
  };
  for (const Case& c :
       {Case{"127.0.0.1:8001", "127.0.0.1", 8001, true}, Case{"localhost:0", "localhost", 0, true},
        Case{"[::1]:65535", "::1", 65535, true}, Case{"[::]:80", "::", 80, false},
        Case{"0.0.0.0:80", "0.0.0.0", 80, false},
        Case{"dnnd.example.org:80", "dnnd.example.org", 80, false}}) {
    const auto address = ParseAddress(c.text);
    ASSERT_THAT(address, IsOk());
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->port, c.port);
    EXPECT_EQ(address->IsLoopback(), c.loopback) << c.text;
    EXPECT_EQ(address->ToString(), c.text);
  }
}

TEST(AddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", ":", ":80", "host", "host:", "host:65536", "host:-1", "::1:80",
                           "host:80x", "ho st:80", "[::1:80"}) {
    EXPECT_THAT(ParseAddress(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want HOST:PORT")))
        << text;
  }
}

TEST(OptionsTest, TheEffectiveConfigurationIsItsOwnFixedPoint) {
  v1::ServerConfig config;
  config.set_model_store("m");
  config.set_state_dir("s");
  config.mutable_lanes()->set_count(1);
  const auto options = ValidateServerConfig(config);
  ASSERT_THAT(options, IsOk());
  const v1::ServerConfig effective = EffectiveConfig(*options);
  EXPECT_TRUE(effective.limits().has_max_connections());
  const auto again = ValidateServerConfig(effective);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(effective, EffectiveConfig(*again)));
}

TEST(OptionsTest, OnlyLoopbackIsListenedOnUnlessAnonymousAccessIsMeant) {
  const char* const loopback[] = {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"};
  const char* const open[] = {"0.0.0.0:1",       "[::]:1", "192.168.1.2:1",
                              "[2001:db8::1]:1", "host:1", "127.example.com:1"};
  const auto validate = [](const char* grpc, const char* http, bool allow) {
    v1::ServerConfig config;
    config.set_model_store("m");
    config.set_state_dir("s");
    config.set_grpc_address(grpc);
    config.set_http_address(http);
    config.set_allow_anonymous(allow);
    return ValidateServerConfig(config);
  };
  for (const char* address : loopback) {
    EXPECT_THAT(validate(address, "127.0.0.1:2", false), IsOk()) << address;
    EXPECT_THAT(validate("127.0.0.1:2", address, false), IsOk()) << address;
  }
  for (const char* address : open) {
    EXPECT_THAT(validate(address, "127.0.0.1:2", false),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("grpc_address"), HasSubstr("--allow-anonymous"))))
        << address;
    EXPECT_THAT(validate("127.0.0.1:2", address, false),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("http_address"), HasSubstr("--allow-anonymous"))))
        << address;
    EXPECT_THAT(validate(address, "127.0.0.1:2", true), IsOk()) << address;
    EXPECT_THAT(validate("127.0.0.1:2", address, true), IsOk()) << address;
  }
}

TEST(TextProtoTest, AFaultIsNamedWithLineAndColumn) {
  v1::ServerConfig config;
  EXPECT_THAT(
      ParseTextProto("drain_seconds: 3\nlimits {\n  max_pixels: 5 }", "a.textproto", &config),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.textproto:3:13: ")));
  EXPECT_THAT(ParseTextProto("drain_seconds: \"x\"", "a.textproto", &config),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.textproto:1:16: ")));
}

TEST(TextProtoTest, DeepNestingIsRefusedRatherThanOverflowingTheStack) {
  std::string text;
  for (int i = 0; i < 200000; ++i) {
    text += "limits {";
  }
  v1::ServerConfig config;
  EXPECT_THAT(ParseTextProto(text, "a", &config),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace dnnd::server
