#include "server/daemon/ready_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace dnnd::server {

absl::Status WriteReadyFile(const std::string& path, const Address& grpc, const Address& http) {
  const nlohmann::ordered_json content = {
      {"grpc_address", grpc.ToString()}, {"http_address", http.ToString()}, {"pid", getpid()}};
  const std::string whole = absl::StrCat(path, ".", getpid());
  std::ofstream file(whole, std::ios::trunc);
  file << content.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  file.close();
  if (!file || std::rename(whole.c_str(), path.c_str()) != 0) {
    const int error = errno;
    std::remove(whole.c_str());
    return absl::ErrnoToStatus(error, absl::StrCat("cannot write the ready file ", path));
  }
  return absl::OkStatus();
}

}  // namespace dnnd::server
