#include "server/http/http_server.h"

#include <civetweb.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

constexpr const char* kTextType = "text/plain; charset=utf-8";
constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

struct Answer {
  int code = 200;
  const char* type = kTextType;
  std::string body;
};

const char* ReasonPhrase(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

void Send(mg_connection* connection, const Answer& answer, bool with_body) {
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s\r\n",
            answer.code, ReasonPhrase(answer.code), answer.type, answer.body.size(),
            answer.code == 405 ? "Allow: GET, HEAD\r\n" : "");
  if (with_body) {
    mg_write(connection, answer.body.data(), answer.body.size());
  }
}

}  // namespace

struct HttpServer::Page {
  std::string path;
  std::function<Answer()> answer;
};

HttpServer::HttpServer() = default;

HttpServer::~HttpServer() {
  if (context_ != nullptr) {
    mg_stop(context_);
  }
}

// civetweb's only way to say why it did not start.
int HttpServer::KeepFirstError(const mg_connection* connection, const char* message) {
  auto* server = static_cast<HttpServer*>(mg_get_user_data(mg_get_context(connection)));
  if (!server->started_ && server->first_error_.empty()) {
    server->first_error_ = message;
  }
  return 1;  // nothing else is to be done with it
}

int HttpServer::HandleRequest(mg_connection* connection, void* page) {
  const auto* wanted = static_cast<const Page*>(page);
  const mg_request_info* request = mg_get_request_info(connection);
  const absl::string_view method = request->request_method;
  Answer answer;
  if (request->local_uri != wanted->path) {  // civetweb also sends what lies below a path here
    answer = {404, kTextType, "want /metrics, /livez or /readyz\n"};
  } else if (method != "GET" && method != "HEAD") {
    answer = {405, kTextType, "want GET or HEAD\n"};
  } else {
    answer = wanted->answer();
  }
  Send(connection, answer, method != "HEAD");
  return answer.code;
}

void HttpServer::AddPages(Content content) {
  const auto add = [&](const char* path, std::function<Answer()> answer) {
    pages_.push_back(std::make_unique<Page>(Page{path, std::move(answer)}));
  };
  add("/", [] { return Answer{404, kTextType, "want /metrics, /livez or /readyz\n"}; });
  add("/livez", [] { return Answer{200, kTextType, "ok\n"}; });
  add("/readyz", [not_ready = std::move(content.not_ready_because)] {
    const std::string reason = not_ready();
    return reason.empty() ? Answer{200, kTextType, "ok\n"}
                          : Answer{503, kTextType, absl::StrCat(reason, "\n")};
  });
  add("/metrics", [metrics = std::move(content.metrics)] {
    return Answer{200, kMetricsType, metrics()};
  });
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(const Address& address,
                                                               Content content) {
  std::unique_ptr<HttpServer> server(new HttpServer());
  server->AddPages(std::move(content));
  const std::string listening = address.ToString();
  // No document_root: nothing is ever served from the disk (and CVE-2025-55763, an overflow in the
  // redirect of a folder, cannot be reached).
  const char* options[] = {"listening_ports",
                           listening.c_str(),
                           "num_threads",
                           "8",
                           "request_timeout_ms",
                           "10000",
                           "max_request_size",
                           "16384",
                           "enable_directory_listing",
                           "no",
                           "enable_keep_alive",
                           "yes",
                           "keep_alive_timeout_ms",
                           "5000",
                           nullptr};
  mg_callbacks callbacks = {};
  callbacks.log_message = &KeepFirstError;
  server->context_ = mg_start(&callbacks, server.get(), options);
  mg_server_port port = {};
  if (server->context_ == nullptr || mg_get_server_ports(server->context_, 1, &port) != 1) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listening, ": ", server->first_error_));
  }
  server->started_ = true;
  server->address_ = {address.host, port.port};
  for (const std::unique_ptr<Page>& page : server->pages_) {
    mg_set_request_handler(server->context_, page->path.c_str(), &HandleRequest, page.get());
  }
  return server;
}

}  // namespace dnnd::server
