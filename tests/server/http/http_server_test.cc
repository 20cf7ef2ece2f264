#include "server/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole reply to one request, over a connection of its own.
std::string Ask(int port, const std::string& method, const std::string& path) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request =
      absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(send(descriptor, request.data(), request.size(), 0), request.size());
  std::string reply;
  char buffer[4096];
  for (ssize_t got = 0; (got = recv(descriptor, buffer, sizeof(buffer), 0)) > 0;) {
    reply.append(buffer, got);
  }
  close(descriptor);
  return reply;
}

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::Create(
        {"127.0.0.1", 0}, {[] { return std::string("dnnd_up 1\n"); },
                           [this] { return std::string(ready_ ? "" : "models are loading"); }});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }

  std::string Get(const std::string& path) { return Ask(server_->address().port, "GET", path); }

  std::atomic<bool> ready_{false};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, ServesMetricsAsPrometheusText) {
  EXPECT_THAT(Get("/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("text/plain; version=0.0.4"),
                    EndsWith("\r\n\r\ndnnd_up 1\n")));
}

TEST_F(HttpServerTest, IsLiveBeforeItIsReady) {
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 503"), EndsWith("models are loading\n")));
  ready_ = true;
  EXPECT_THAT(Get("/readyz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, KnowsNoOtherPageAndNothingOfTheDisk) {
  for (const char* path : {"/", "/metrics/x", "/etc/passwd", "/../../etc/passwd", "/livez/..",
                           "/%2e%2e/%2e%2e/etc/passwd"}) {
    EXPECT_THAT(Get(path), ::testing::Not(StartsWith("HTTP/1.1 200"))) << path;
  }
}

TEST_F(HttpServerTest, TakesGetAndHeadOnly) {
  const int port = server_->address().port;
  EXPECT_THAT(Ask(port, "HEAD", "/livez"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("\r\n\r\n")));
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    EXPECT_THAT(Ask(port, method, "/metrics"), StartsWith("HTTP/1.1 405")) << method;
  }
}

TEST_F(HttpServerTest, RefusesAnAddressThatIsTaken) {
  EXPECT_THAT(HttpServer::Create(server_->address(), {}).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(server_->address().ToString())));
}

}  // namespace
}  // namespace dnnd::server
