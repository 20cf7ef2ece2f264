#include "server/daemon/ready_file.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/atomic_file.h"
#include "engine/base/status.h"

namespace dnnd::server {

absl::Status WriteReadyFile(const std::string& path, const Address& grpc, const Address& http) {
  const nlohmann::ordered_json content = {
      {"grpc_address", grpc.ToString()}, {"http_address", http.ToString()}, {"pid", getpid()}};
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<engine::AtomicFile> file,
                        engine::AtomicFile::Create(path));
  DNND_RETURN_IF_ERROR(file->Write(
      absl::StrCat(content.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n")));
  return file->Commit();
}

void RemoveReadyFile(const std::string& path) {
  if (!path.empty()) {
    std::remove(path.c_str());
  }
}

}  // namespace dnnd::server
