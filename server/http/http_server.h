// The HTTP listener: /metrics, /livez and /readyz.
#ifndef DNND_SERVER_HTTP_HTTP_SERVER_H_
#define DNND_SERVER_HTTP_HTTP_SERVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/address.h"

struct mg_context;
struct mg_connection;

namespace dnnd::server {

// Listens from Create until it is destroyed. The functions are called on its own threads.
class HttpServer {
 public:
  struct Content {
    // /metrics: Prometheus' text format 0.0.4.
    std::function<std::string()> metrics;
    // /readyz: empty when ready (200), else why not (503).
    std::function<std::string()> not_ready_because;
  };

  // UNAVAILABLE when the address cannot be had: somebody listens there, or it is not ours.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Create(const Address& address,
                                                            Content content);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // With the port that was taken.
  const Address& address() const { return address_; }

 private:
  struct Page;

  HttpServer();

  void AddPages(Content content);
  static int KeepFirstError(const mg_connection* connection, const char* message);
  static int HandleRequest(mg_connection* connection, void* page);

  Address address_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::string first_error_;  // written before started_ only
  std::atomic<bool> started_{false};
  mg_context* context_ = nullptr;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HTTP_HTTP_SERVER_H_
