// HOST:PORT, as the operator writes it.
#ifndef DNND_SERVER_CONFIG_ADDRESS_H_
#define DNND_SERVER_CONFIG_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::server {

// A value type. An IPv6 host is kept without its brackets.
struct Address {
  std::string host;
  int port = 0;  // 0: any free one

  std::string ToString() const;  // "127.0.0.1:8001", "[::1]:8001"

  // Whether only this machine can reach it: localhost, 127.0.0.0/8 or ::1.
  bool IsLoopback() const;

  friend bool operator==(const Address& a, const Address& b) {
    return a.host == b.host && a.port == b.port;
  }
};

// INVALID_ARGUMENT, quoting `text`, unless it is HOST:PORT or [IPV6]:PORT with a port of 0 to
// 65535.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_ADDRESS_H_
